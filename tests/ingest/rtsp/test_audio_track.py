from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import InvalidInput, StreamRefused
from ingest.rtsp.audio_config import parse_audio_config
from ingest.rtsp.audio_track import AudioTrack, AuHeader
from ingest.rtsp.latm import parse_stream_mux_config
from ingest.rtsp.sdp import first_audio, first_video, parse_sdp

# What each device's description says: codec string, payload type, sampling rate, channels, samples of a frame, control.
DEVICES = {
    # channels of rtpmap other than those of the configuration, widths left out, a payload type that is another's
    "anpviz_sdp.txt": ("mp4a.40.2", 0, 16_000, 1, 1024, "trackID=2"),
    "bunny_describe.txt": ("mp4a.40.2", 96, 12_000, 2, 1024, "trackID=1"),
    "dahua_describe_h264_aac_onvif.txt": ("mp4a.40.2", 97, 48_000, 1, 1024, "trackID=1"),
    "dahua_describe_h265_pcma.txt": ("alaw", 8, 8_000, 1, 0, "trackID=1"),
    "foscam_describe.txt": ("ulaw", 0, 8_000, 1, 0, "track2"),  # a static payload type without rtpmap
    "gw_main_describe.txt": ("ulaw", 8, 8_000, 1, 0, "audio"),  # PCMU under the payload type of PCMA
    "h264dvr_describe.txt": ("alaw", 8, 8_000, 1, 0, "trackID=4"),
    "missing_content_type_describe.txt": ("mp4a.40.2", 97, 48_000, 2, 1024, "streamid=1"),
}
SILENT_DEVICES = ["anjvision_describe.txt", "gw_sub_describe.txt", "hikvision_describe.txt", "ipcam_describe.txt"]


def _described(shared_data: Path, name: str) -> bytes:
    raw = (shared_data / "onvif_rtsp" / "retina_rtsp" / name).read_bytes().replace(b"\r\n", b"\n")
    return raw[raw.index(b"v=0") :]


def _audio(*attributes: str, payload_type: int = 96) -> AudioTrack:
    lines = ["v=0", f"m=audio 0 RTP/AVP {payload_type}", "a=control:audio", *(f"a={one}" for one in attributes)]
    return first_audio(parse_sdp("\r\n".join(lines).encode()))


@pytest.mark.parametrize("name", DEVICES)
def test_the_sound_of_real_devices(shared_data: Path, name: str) -> None:
    track = first_audio(parse_sdp(_described(shared_data, name)))
    parameters = track.parameters
    assert (
        parameters.rfc6381,
        track.payload_type,
        parameters.sample_rate,
        parameters.channels,
        track.frame_samples,
        track.control,
    ) == DEVICES[name]
    assert track.clock_rate == parameters.sample_rate
    assert (track.au_header == AuHeader(13, 3, 3)) == (parameters.codec == "aac")


@pytest.mark.parametrize("name", SILENT_DEVICES)
def test_a_device_without_sound(shared_data: Path, name: str) -> None:
    with pytest.raises(StreamRefused, match="offers no sound"):
        first_audio(parse_sdp(_described(shared_data, name)))


def test_the_widths_of_the_headers_may_be_others() -> None:
    track = _audio(
        "rtpmap:96 mpeg4-generic/16000/1",
        "fmtp:96 mode=AAC-lbr; SizeLength=6; IndexLength=2; IndexDeltaLength=2; config=1408",
    )
    assert track.au_header == AuHeader(6, 2, 2)


def test_the_first_codec_that_is_known() -> None:
    lines = ["v=0", "m=audio 0 RTP/AVP 97 8", "a=rtpmap:97 G726-16/8000", "a=rtpmap:8 PCMA/16000/2"]
    parameters = first_audio(parse_sdp("\n".join(lines).encode())).parameters
    assert (parameters.rfc6381, parameters.sample_rate, parameters.channels) == ("alaw", 16_000, 2)


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        (["rtpmap:96 G726-16/8000"], "not recorded: G726-16."),
        (["rtpmap:96 MP4A-LATM/16000"], "MP4A-LATM (its configuration comes with the sound)"),
        (["rtpmap:96 MP4A-LATM/16000", "fmtp:96 cpresent=0;config=8000"], "more than one stream"),
        (["rtpmap:96 MP4A-LATM/16000", "fmtp:96 cpresent=0;config=40"], "ends too early"),
        (["rtpmap:96 evil\x1b[2J<b>/8000"], "not recorded: evil  2J b ."),
        ([], "payload type 96"),
        (["rtpmap:96 mpeg4-generic/16000"], "ends too early"),
        (["rtpmap:96 mpeg4-generic/16000", "fmtp:96 config=xyz"], "not hexadecimal"),
        (["rtpmap:96 mpeg4-generic/16000", "fmtp:96 config=1408;sizelength=0"], "make no sense"),
        (["rtpmap:96 mpeg4-generic/16000", "fmtp:96 config=1408;CTSDeltaLength=8"], "unusual fields"),
        (["rtpmap:96 mpeg4-generic/999999", "fmtp:96 config=1408"], "999999 Hz"),
        (["rtpmap:96 PCMA/8000/99"], "99 channels"),
    ],
)
def test_what_is_not_recorded_is_named(attributes: list[str], said: str) -> None:
    with pytest.raises(StreamRefused) as refused:
        _audio(*attributes)
    assert said in refused.value.what
    assert refused.value.mend == "Set the stream's audio codec to AAC or G.711 at the device."


def test_a_loudspeaker_is_no_source_of_sound() -> None:
    both = b"v=0\nm=audio 0 RTP/AVP 0\na=sendonly\na=control:out\nm=audio 0 RTP/AVP 8\na=recvonly\na=control:in\n"
    assert first_audio(parse_sdp(both)).control == "in"
    with pytest.raises(StreamRefused, match="offers no sound"):
        first_audio(parse_sdp(both.replace(b"recvonly", b"sendonly")))


def test_sound_does_not_become_video() -> None:
    with pytest.raises(StreamRefused, match="offers no H"):
        first_video(parse_sdp(b"v=0\nm=audio 0 RTP/AVP 0\n"))


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("1408", (2, 16_000, 1, 1024)),
        ("1190", (2, 48_000, 2, 1024)),
        ("119056E500", (2, 48_000, 2, 1024)),
        ("1194", (2, 48_000, 2, 960)),
        ("2B920800", (5, 22_050, 2, 1024)),  # high efficiency, with the rate of its extension
        ("17800FA0 08".replace(" ", ""), (2, 8_000, 1, 1024)),  # a rate in full
    ],
)
def test_audio_configurations(config: str, expected: tuple[int, int, int, int]) -> None:
    parsed = parse_audio_config(bytes.fromhex(config))
    assert (parsed.object_type, parsed.sample_rate, parsed.channels, parsed.frame_samples) == expected


@pytest.mark.parametrize("config", ["", "14", "1400", "F808", "1688", "17FFFFFF88"])
def test_audio_configurations_that_make_no_sense(config: str) -> None:
    with pytest.raises(InvalidInput):
        parse_audio_config(bytes.fromhex(config))


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("40002810", (1, "1408", 16_000, 1)),  # as GStreamer says it, ending with the audio configuration
        ("400026203FC0", (1, "1310", 24_000, 2)),
        ("410026203FC0", (2, "1310", 24_000, 2)),
    ],
)
def test_configurations_of_latm(config: str, expected: tuple[int, str, int, int]) -> None:
    mux = parse_stream_mux_config(bytes.fromhex(config))
    assert (mux.frames, mux.config.hex(), mux.aac.sample_rate, mux.aac.channels) == expected
    assert parse_audio_config(mux.config) == mux.aac


def test_a_track_of_latm() -> None:
    track = _audio("rtpmap:96 MP4A-LATM/16000", "fmtp:96 cpresent=0;config=40002810")
    assert (track.parameters.rfc6381, track.parameters.config.hex()) == ("mp4a.40.2", "1408")
    assert (track.latm_frames, track.frame_samples, track.au_header) == (1, 1024, None)


@given(st.binary(max_size=80))
def test_any_bytes_are_a_configuration_or_refused(config: bytes) -> None:
    for parse in (parse_audio_config, parse_stream_mux_config):
        try:
            parse(config)
        except InvalidInput:
            pass


@given(
    st.lists(
        st.sampled_from(
            [
                "m=audio 0 RTP/AVP 96 0 8",
                "m=audio 0 RTP/AVP " + "9" * 5_000,
                "a=rtpmap:96 mpeg4-generic/16000/2",
                "a=rtpmap:0 MPEG4-GENERIC//",
                "a=fmtp:96 config=1408;sizelength=13",
                "a=fmtp:96 config=;sizelength=99999",
            ]
        )
        | st.text()
    )
)
def test_any_text_is_read_without_an_error(lines: list[str]) -> None:
    parse_sdp("\n".join(lines).encode("utf-8", "replace"))
