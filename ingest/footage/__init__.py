"""Footage on disk: fragmented MP4 files and, beside them, the index of what was recorded when."""

from ingest.footage.index import CodecRow, FootageIndex, Gap, Segment

__all__ = ["CodecRow", "FootageIndex", "Gap", "Segment"]
