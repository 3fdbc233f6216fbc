from base64 import b64encode
from fractions import Fraction
from pathlib import Path

import av
import pytest

from foundation.errors import FileMissing, InvalidInput
from foundation.nal import is_keyframe_unit, nal_type
from simulator.virtual_camera.media import Media, load_media
from simulator.virtual_camera.sdp import describe

# file, codec, size, access units, parameter sets by type, seconds
FOOTAGE = [
    ("libvpl_cars_320x240.h264", "h264", (320, 240), 30, [7, 8], 1.2),
    ("libvpl_cars_320x240.h265", "h265", (320, 240), 30, [32, 33, 34], 1.2),
    ("intel_car-detection.mp4", "h264", (768, 432), 377, [7, 8], 30.16),
    ("intel_bottle-detection.mp4", "h264", (640, 360), 1189, [7, 8], 39.855),
    ("decode_edge/mp4ff_h264.mp4", "h264", (1920, 1080), 50, [7, 8], 1.0),
    ("decode_edge/mp4ff_hevc.mp4", "h265", (1920, 1080), 50, [32, 33, 34], 1.0),
]


@pytest.mark.parametrize(("name", "codec", "size", "units", "kinds", "seconds"), FOOTAGE)
def test_footage_is_read(
    shared_data: Path, name: str, codec: str, size: tuple[int, int], units: int, kinds: list[int], seconds: float
) -> None:
    media = load_media(shared_data / "video" / name)
    assert (media.codec, (media.width, media.height), len(media.units)) == (codec, size, units)
    assert [nal_type(media.codec, unit) for unit in media.parameter_sets] == kinds
    assert media.duration / 90_000 == pytest.approx(seconds, abs=0.001)
    _is_well_timed(media)


def _is_well_timed(media: Media) -> None:
    decoded = [unit.dts for unit in media.units]
    assert decoded[0] == 0
    assert decoded == sorted(set(decoded))
    assert len({unit.pts for unit in media.units}) == len(media.units)
    assert all(unit.pts >= unit.dts for unit in media.units)
    assert media.duration > decoded[-1]
    assert media.units[0].is_keyframe
    assert media.units[0].pts == min(unit.pts for unit in media.units)


@pytest.mark.parametrize("name", [name for name, *_ in FOOTAGE[:2]])
def test_an_elementary_stream_has_the_times_that_its_decoder_shows(shared_data: Path, name: str) -> None:
    media = load_media(shared_data / "video" / name)
    codec = av.CodecContext.create("h264" if media.codec == "h264" else "hevc", "r")
    shown = []
    for unit in (*media.units, None):
        packet = None
        if unit is not None:
            packet = av.Packet(b"".join(b"\x00\x00\x00\x01" + nal for nal in unit.nal_units))
            packet.pts, packet.dts = unit.pts, unit.dts
        shown += [frame.pts for frame in codec.decode(packet)]
    assert shown == sorted(unit.pts for unit in media.units)


def test_times_agree_with_the_container(shared_data: Path) -> None:
    file = shared_data / "video" / "decode_edge" / "mp4ff_h264.mp4"
    with av.open(str(file)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    base = packets[0].time_base
    first = packets[0].dts
    expected = [(round((p.dts - first) * base * 90_000), round((p.pts - first) * base * 90_000)) for p in packets]
    assert [(unit.dts, unit.pts) for unit in load_media(file).units] == expected


@pytest.mark.parametrize("container", ["mkv", "mp4"])
def test_containers_do_not_matter(shared_data: Path, tmp_path: Path, container: str) -> None:
    source = shared_data / "video" / "decode_edge" / "mp4ff_bbb_prog_10s.mp4"
    copy = tmp_path / f"copy.{container}"
    with av.open(str(source)) as reader, av.open(str(copy), "w") as writer:
        stream = writer.add_stream_from_template(reader.streams.video[0])
        for packet in reader.demux(video=0):
            if packet.size:
                packet.stream = stream
                writer.mux(packet)
    original, read = load_media(source), load_media(copy)
    assert [unit.nal_units for unit in read.units] == [unit.nal_units for unit in original.units]
    # Matroska rounds times to milliseconds.
    for ours, theirs in zip(read.units, original.units, strict=True):
        assert abs(ours.pts - theirs.pts) <= 180


def test_a_file_begins_at_its_first_keyframe(shared_data: Path, tmp_path: Path) -> None:
    whole = load_media(shared_data / "video" / "intel_car-detection.mp4")
    second = [at for at, unit in enumerate(whole.units) if unit.is_keyframe][1]
    cut = tmp_path / "cut.h264"
    late = whole.units[second - 5 : second + 10]
    sets = [b"\x00\x00\x00\x01" + unit for unit in whole.parameter_sets]
    cut.write_bytes(b"".join([*sets, *(b"\x00\x00\x00\x01" + nal for unit in late for nal in unit.nal_units)]))
    media = load_media(cut)
    assert len(media.units) == 10
    assert any(is_keyframe_unit("h264", unit) for unit in media.units[0].nal_units)


def test_the_description_names_codec_and_parameter_sets(shared_data: Path) -> None:
    media = load_media(shared_data / "video" / "intel_car-detection.mp4")
    lines = describe("front  gate", media, 7).split("\r\n")
    sps, pps = media.parameter_sets
    assert "s=front gate" in lines
    assert "a=rtpmap:96 H264/90000" in lines
    assert "a=framerate:12.500" in lines
    assert (
        f"a=fmtp:96 packetization-mode=1;profile-level-id={sps[1:4].hex()};"
        f"sprop-parameter-sets={b64encode(sps).decode()},{b64encode(pps).decode()}"
    ) in lines


def test_the_description_of_h265_names_its_three_parameter_sets(shared_data: Path) -> None:
    media = load_media(shared_data / "video" / "libvpl_cars_320x240.h265")
    vps, sps, pps = (b64encode(unit).decode() for unit in media.parameter_sets)
    assert f"a=fmtp:96 sprop-vps={vps};sprop-sps={sps};sprop-pps={pps}" in describe("a", media, 7).split("\r\n")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileMissing, match=r"gone\.mp4: no such video file"):
        load_media(tmp_path / "gone.mp4")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("bgslib_video02.avi", "holds mpeg4 video"),
        ("libvpl_cars_320x240.mjpeg", "holds mjpeg video"),
        ("decode_edge/mp4ff_init_truncated.mp4", "holds no video"),
        ("../README.md", "is not a video file"),
    ],
)
def test_a_file_of_another_kind_is_refused(shared_data: Path, name: str, what: str) -> None:
    with pytest.raises(InvalidInput, match=what) as caught:
        load_media(shared_data / "video" / name)
    assert caught.value.mend


def test_a_file_of_one_picture_can_be_looped(tmp_path: Path) -> None:
    file = tmp_path / "still.mp4"
    with av.open(str(file), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        frame = av.VideoFrame(64, 64, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.pts, frame.time_base = 0, Fraction(1, 10)
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    media = load_media(file)
    assert (len(media.units), media.duration) == (1, 9000)
