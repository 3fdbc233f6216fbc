"""Recorded footage as clips that a browser plays."""

from ingest.playback.clip import Clip, clip

__all__ = ["Clip", "clip"]
