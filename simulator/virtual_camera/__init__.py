"""An RTSP camera made of video files: for demonstrations, tests and load."""

from simulator.virtual_camera.counts import ClientCounts, PathCounts
from simulator.virtual_camera.server import VirtualCamera
from simulator.virtual_camera.serving import serving

__all__ = ["ClientCounts", "PathCounts", "VirtualCamera", "serving"]
