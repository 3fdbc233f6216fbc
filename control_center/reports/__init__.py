"""What the center can tell of itself, for oversight."""
