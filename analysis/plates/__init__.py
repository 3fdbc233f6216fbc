"""Number plates: found, rectified, read, and voted over a vehicle's passage into one read."""
