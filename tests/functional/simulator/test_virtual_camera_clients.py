"""Other people's clients play the virtual camera."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from pathlib import Path

import av
import pytest

from simulator.virtual_camera import VirtualCamera, serving
from simulator.virtual_camera.media import load_media

pytestmark = pytest.mark.functional

# file, decoder, frame interval at 90 kHz; one keyframe in the first two with B-frames, looped within the test
FOOTAGE = [
    ("libvpl_cars_320x240.h264", "h264", 3600),
    ("libvpl_cars_320x240.h265", "hevc", 3600),
    ("decode_edge/mp4ff_h264.mp4", "h264", 1800),
    ("decode_edge/mp4ff_hevc.mp4", "hevc", 1800),
    ("intel_car-detection.mp4", "h264", 7200),
    ("decode_edge/mp4ff_bbb_prog_10s.mp4", "h264", 3750),
]


def _pictures(url: str, count: int) -> tuple[str, list[int], list[bytes]]:
    """Decoder, times and luma of the first pictures after the one that FFmpeg gives no time to."""
    times, lumas = [], []
    with av.open(url, options={"rtsp_transport": "tcp"}, timeout=15) as container:
        for frame in container.decode(video=0):
            if frame.pts is not None:
                times.append(frame.pts)
                lumas.append(bytes(frame.planes[0]))
            if len(times) == count:
                break
        return container.streams.video[0].codec_context.name, times, lumas


@pytest.mark.parametrize(("name", "decoder", "interval"), FOOTAGE)
def test_pyav_decodes_every_picture_in_order(shared_data: Path, name: str, decoder: str, interval: int) -> None:
    file = shared_data / "video" / name
    # Beyond the end of the shortest files, so that a loop's seam is within.
    count = 36 if len(load_media(file).units) < 40 else 20
    with serving({"gate": file}) as camera:
        codec, times, lumas = _pictures(camera.url("gate"), count)
    assert codec == decoder
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert all(abs(gap - interval) <= 1 for gap in gaps)
    expected = []
    with av.open(str(file)) as container:
        expected = [bytes(frame.planes[0]) for _, frame in zip(range(count), container.decode(video=0), strict=False)]
    assert lumas[: len(expected) - 1] == expected[1:]


def test_packets_sent_one_by_one_are_the_same_stream(cars: Path) -> None:
    with serving({"gate": cars}) as together, serving({"gate": cars}, packets_apart=True) as apart:
        assert _pictures(apart.url("gate"), 12) == _pictures(together.url("gate"), 12)


def test_a_user_with_the_right_password_plays(cars: Path) -> None:
    with serving({"gate": cars}, user="viewer", password="p w:@1") as camera:
        url = camera.url("gate").replace("rtsp://", "rtsp://viewer:p%20w%3A%401@")
        assert _pictures(url, 2)[0] == "h264"
        assert "p w" not in camera.url("gate")


def test_a_user_with_a_wrong_password_does_not(cars: Path) -> None:
    with serving({"gate": cars}, user="viewer", password="right") as camera:
        url = camera.url("gate").replace("rtsp://", "rtsp://viewer:wrong@")
        with pytest.raises(av.HTTPUnauthorizedError):
            _pictures(url, 1)


def test_no_password_is_right_for_a_camera_that_refuses_it(cars: Path) -> None:
    with serving({"gate": cars}, user="viewer", password="right", faults=["refuse-password"]) as camera:
        url = camera.url("gate").replace("rtsp://", "rtsp://viewer:right@")
        with pytest.raises(av.HTTPUnauthorizedError):
            _pictures(url, 1)


def test_a_redirect_leads_to_the_other_camera(cars: Path) -> None:
    with serving({"yard": cars}) as other:
        faults = [f"redirect:{other.url('yard')}"]
        with serving({"gate": cars}, faults=faults) as camera:
            assert _pictures(camera.url("gate"), 2)[0] == "h264"
            assert camera.counts["gate"].clients == 0
            assert other.counts["yard"].clients == 1


def test_ffprobe_names_the_stream(cars: Path, shared_data: Path) -> None:
    if shutil.which("ffprobe") is None:
        pytest.fail("ffprobe is absent: install ffmpeg")
    with serving({"gate": cars, "north yard": shared_data / "video" / "libvpl_cars_320x240.h265"}) as camera:
        assert _probe(camera, "gate") == ("h264", 320, 240)
        assert _probe(camera, "north yard") == ("hevc", 320, 240)


def _probe(camera: VirtualCamera, path: str) -> tuple[str, int, int]:
    command = ["ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-show_streams", "-of", "json", camera.url(path)]
    probed = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert probed.stderr == ""
    (stream,) = json.loads(probed.stdout)["streams"]
    return stream["codec_name"], stream["width"], stream["height"]


def test_ffmpeg_decodes_a_stream_with_b_frames_without_complaint(shared_data: Path) -> None:
    with serving({"gate": shared_data / "video" / "decode_edge" / "mp4ff_bbb_prog_10s.mp4"}) as camera:
        command = ["ffmpeg", "-v", "error", "-xerror", "-rtsp_transport", "tcp", "-i", camera.url("gate")]
        decoded = subprocess.run([*command, "-t", "2", "-f", "null", "-"], capture_output=True, timeout=30, check=True)
    assert decoded.stderr == b""
