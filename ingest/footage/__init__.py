"""Footage on disk: fragmented MP4 files and, beside them, the index of what was recorded when."""
