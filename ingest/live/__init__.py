"""The media server: live pictures from the tap and clips from the disks, for browsers."""

from ingest.live.process import run_live

__all__ = ["run_live"]
