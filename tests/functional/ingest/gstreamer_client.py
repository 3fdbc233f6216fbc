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
def gstreamer(video: Path, *options: str, h265: Path | None = None) -> Iterator[GStreamer]:
    """`h265` is served instead of the few pictures that the shared data has."""
    probe = "import gi; gi.require_version('GstRtspServer', '1.0')"
    if subprocess.run([SYSTEM_PYTHON, "-c", probe], capture_output=True, check=False).returncode:
        pytest.skip("GStreamer's RTSP server is not installed: gir1.2-gst-rtsp-server-1.0")
    names = ("intel_car-detection.mp4", "intel_bottle-detection.mp4")
    files = [*(str(video / name) for name in names), str(h265 or video / "decode_edge" / "mp4ff_hevc.mp4")]
    with subprocess.Popen(
        [SYSTEM_PYTHON, str(SERVER), *files, *options], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        try:
            port = int(child.stdout.readline())
            yield GStreamer(port, "rtsps" if "--tls" in options else "rtsp", child)
        finally:
            child.kill()
