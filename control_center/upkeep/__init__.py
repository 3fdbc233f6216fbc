"""What an administrator does to the center as a whole: backup, restore, upgrade, and the keys."""
