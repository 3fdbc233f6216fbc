"""Runs `gstreamer_server.py` as a process of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SERVER = Path(__file__).with_name("gstreamer_server.py")
SYSTEM_PYTHON = "/usr/bin/python3"


@dataclass
class GStreamer:
    """A server with the account viewer, right and the paths h264, b-frames, h265, and some with sound too."""

    port: int
    scheme: str
    process: subprocess.Popen[str]

    def url(self, path: str) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/{path}"


@contextmanager
def gstreamer(video: Path, *options: str, **clips: Path) -> Iterator[GStreamer]:
    """`clips` are served under their names instead of what the shared data has."""
    probe = "import gi; gi.require_version('GstRtspServer', '1.0')"
    if subprocess.run([SYSTEM_PYTHON, "-c", probe], capture_output=True, check=False).returncode:
        pytest.skip("GStreamer's RTSP server is not installed: gir1.2-gst-rtsp-server-1.0")
    shared = {
        "h264": "intel_car-detection.mp4",
        "b-frames": "intel_bottle-detection.mp4",
        "h265": "decode_edge/mp4ff_hevc.mp4",
    }
    files = [str(clips.get(name, video / file)) for name, file in shared.items()]
    with subprocess.Popen(
        [SYSTEM_PYTHON, str(SERVER), *files, *options], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        try:
            port = int(child.stdout.readline())
            yield GStreamer(port, "rtsps" if "--tls" in options else "rtsp", child)
        finally:
            child.kill()
