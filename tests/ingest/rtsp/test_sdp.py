from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import StreamRefused
from ingest.rtsp.message import Message
from ingest.rtsp.sdp import first_video, parse_sdp
from ingest.rtsp.sps import codec_parameters
from ingest.rtsp.url import base_url, control_url

# What each device's description says: codec, payload type, picture, codec string.
DEVICES = {
    "anjvision_describe.txt": ("h265", 96, 1280, 704, "hvc1.1.2.L153"),
    "anpviz_sdp.txt": ("h264", 96, 704, 576, "avc1.4D401F"),
    "bunny_describe.txt": ("h264", 97, 240, 160, "avc1.42C01E"),
    "dahua_describe_h264_aac_onvif.txt": ("h264", 96, 704, 480, "avc1.64001E"),
    "dahua_describe_h265_pcma.txt": ("h265", 98, 704, 480, "hvc1.1.6.L90.B0"),
    "foscam_describe.txt": ("h264", 96, 1280, 720, "avc1.4D001F"),
    "gw_main_describe.txt": ("h264", 96, 1920, 1080, "avc1.4D002A"),
    "gw_sub_describe.txt": ("h264", 96, 720, 480, "avc1.4D001E"),
    "h264dvr_describe.txt": ("h264", 96, 1920, 1080, "avc1.420029"),
    "hikvision_describe.txt": ("h264", 96, 1920, 1080, "avc1.4D0029"),
    "ipcam_describe.txt": ("h264", 96, 1280, 960, "avc1.4D0020"),
    "macrovideo_describe.txt": ("h264", 96, 1280, 720, "avc1.4DE028"),
    "missing_content_type_describe.txt": ("h264", 96, 320, 180, "avc1.64000D"),
}


def _description(shared_data: Path, name: str) -> bytes:
    raw = (shared_data / "onvif_rtsp" / "retina_rtsp" / name).read_bytes().replace(b"\r\n", b"\n")
    return raw[raw.index(b"v=0") :]


@pytest.mark.parametrize("name", DEVICES)
def test_the_video_of_real_devices(shared_data: Path, name: str) -> None:
    codec, payload_type, width, height, rfc6381 = DEVICES[name]
    track = first_video(parse_sdp(_description(shared_data, name)))
    assert (track.codec, track.payload_type) == (codec, payload_type)
    parameters = codec_parameters(track.codec, track.parameter_sets)
    assert (parameters.width, parameters.height, parameters.rfc6381) == (width, height, rfc6381)
    assert len(track.parameter_sets) == (2 if codec == "h264" else 3)


def test_without_video_that_can_be_recorded() -> None:
    with pytest.raises(StreamRefused, match="offers no H"):
        first_video(parse_sdp(b"v=0\nm=video 0 RTP/AVP 26\na=control:1\nm=audio 0 RTP/AVP 0\n"))


@given(st.lists(st.sampled_from(["v=0", "m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000", "a=fmtp:96 "]) | st.text()))
def test_any_text_is_read_without_an_error(lines: list[str]) -> None:
    parse_sdp("\n".join(lines).encode("utf-8", "replace"))


def _reply(**headers: str) -> Message:
    return Message("RTSP/1.0 200 OK", tuple((name.replace("_", "-"), value) for name, value in headers.items()))


@pytest.mark.parametrize(
    ("headers", "control", "expected"),
    [
        (
            {"content_base": "rtsp://192.168.5.107:65534/videoMain/"},
            "track1",
            "rtsp://192.168.5.107:65534/videoMain/track1",
        ),
        ({"content_base": "rtsp://c/H264?channel=1&subtype=0"}, "video", "rtsp://c/H264?channel=1&subtype=0/video"),
        ({"content_base": "192.168.1.10:554/stream0/"}, "trackID=1", "rtsp://camera/main/trackID=1"),
        ({"content_location": "rtsp://other/base/"}, "trackID=1", "rtsp://other/base/trackID=1"),
        ({}, "trackID=1", "rtsp://camera/main/trackID=1"),
        ({}, "*", "rtsp://camera/main"),
        ({}, None, "rtsp://camera/main"),
        ({}, "rtsp://camera/absolute?x=1", "rtsp://camera/absolute?x=1"),
    ],
)
def test_control_urls(headers: dict[str, str], control: str | None, expected: str) -> None:
    assert control_url(base_url("rtsp://camera/main", _reply(**headers)), control) == expected


def test_a_control_url_cannot_carry_another_request() -> None:
    with pytest.raises(StreamRefused):
        control_url("rtsp://camera/main", "x RTSP/1.0\r\nAuthorization: y")
