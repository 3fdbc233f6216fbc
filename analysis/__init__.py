"""Frames in, observations out: motion and plates."""
