"""Sound in files of its own: what is written plays, and is read back."""

from __future__ import annotations

import io
import json
import math
import shutil
import subprocess
from array import array
from itertools import pairwise
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import InvalidInput
from ingest.access_unit import AudioParameters, AudioUnit
from ingest.footage.audio_fragmenter import AudioFragmenter
from ingest.footage.fragmenter import MediaFragment
from ingest.footage.mp4 import init_segment
from ingest.footage.mp4_reader import fragments, parameters_of, picture_size, read_init
from ingest.rtsp.audio_config import parse_audio_config

HALF_SECOND = 45_000
TICKS = 90_000
CODECS = [("aac", 44_100), ("aac", 8_000), ("pcma", 8_000), ("pcmu", 8_000)]


def _encoded(codec: str, rate: int, seconds: int) -> tuple[AudioParameters, list[AudioUnit]]:
    """A tone, coded as a camera does it."""
    encoder = av.AudioCodecContext.create({"aac": "aac", "pcma": "pcm_alaw", "pcmu": "pcm_mulaw"}[codec], "w")
    encoder.sample_rate, encoder.layout, encoder.format = rate, "mono", "fltp" if codec == "aac" else "s16"
    encoder.open()
    samples = encoder.frame_size or rate // 50
    tone = [math.sin(number * 440 * math.tau / rate) for number in range(rate * seconds // samples * samples)]
    units = []
    for at in range(0, len(tone), samples):
        frame = av.AudioFrame(encoder.format.name, "mono", samples)
        frame.sample_rate, frame.pts = rate, at
        part = tone[at : at + samples]
        frame.planes[0].update(array("f", part) if codec == "aac" else array("h", [int(one * 9_000) for one in part]))
        units += [bytes(packet) for packet in encoder.encode(frame)]
    config = bytes(encoder.extradata or b"") if codec == "aac" else b""
    rfc6381 = {"aac": "mp4a.40.2", "pcma": "alaw", "pcmu": "ulaw"}[codec]
    return AudioParameters(codec, rate, 1, config, rfc6381), [
        AudioUnit(
            number * samples * 1_000_000 // rate,
            1_000_000 + number * samples * TICKS // rate,
            samples * TICKS // rate,
            False,
            data,
        )
        for number, data in enumerate(units)
    ]


def _fragments(units: list[AudioUnit]) -> list[MediaFragment]:
    fragmenter = AudioFragmenter(HALF_SECOND)
    done = [fragment for unit in units if (fragment := fragmenter.push(unit))]
    return done + fragmenter.flush()


def _file(parameters: AudioParameters, parts: list[MediaFragment]) -> bytes:
    origin = parts[0].decode_time
    return init_segment(parameters) + b"".join(part.encode(i + 1, origin) for i, part in enumerate(parts))


@pytest.mark.parametrize(("codec", "rate"), CODECS)
def test_a_decoder_plays_what_was_written(codec: str, rate: int, tmp_path: Path) -> None:
    parameters, units = _encoded(codec, rate, 4)
    if codec == "aac":
        assert parse_audio_config(parameters.config).sample_rate == rate
    parts = _fragments(units)
    assert all(0.3 < part.duration / TICKS < 0.7 for part in parts[:-1])
    data = _file(parameters, parts)
    with av.open(io.BytesIO(data)) as container:
        (stream,) = container.streams.audio
        assert (stream.rate, stream.channels) == (rate, 1)
        decoded = sum(frame.samples for frame in container.decode(stream))
    samples = parse_audio_config(parameters.config).frame_samples if codec == "aac" else rate // 50
    assert decoded == len(units) * samples
    if shutil.which("ffprobe"):
        (tmp_path / "sound.mp4").write_bytes(data)
        known = _probed(tmp_path / "sound.mp4")
        assert known["codec_name"] == {"aac": "aac", "pcma": "pcm_alaw", "pcmu": "pcm_mulaw"}[codec]
        assert float(known["duration"]) == pytest.approx(len(units) * samples / rate, abs=0.001)


def _probed(file: Path) -> dict[str, str]:
    command = ["ffprobe", "-v", "warning", "-show_streams", "-of", "json", str(file)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=30)
    assert done.stderr == b""
    (stream,) = json.loads(done.stdout)["streams"]
    found: dict[str, str] = stream
    return found


@pytest.mark.parametrize(("codec", "rate"), CODECS)
def test_what_was_written_is_read_back(codec: str, rate: int) -> None:
    parameters, units = _encoded(codec, rate, 2)
    parts = _fragments(units)
    data = _file(parameters, parts)
    init = read_init(io.BytesIO(data))
    assert parameters_of(init) == parameters
    assert picture_size(parameters_of(init)) == (0, 0)
    stored = list(fragments(io.BytesIO(data), len(init)))
    assert [sample for one in stored for sample in one.samples] == [sample for one in parts for sample in one.samples]
    assert stored[-1].end == len(data)


def test_a_loss_and_a_pause_are_not_filled_with_the_unit_before() -> None:
    lost = [AudioUnit(0, number * 1_800, 1_800, number == 10, b"x") for number in range(20) if not 5 <= number < 10]
    before, after = _fragments(lost)
    assert (before.decode_time, before.duration, before.gap_before) == (0, 9_000, False)
    assert (after.decode_time, after.duration, after.gap_before) == (18_000, 18_000, True)
    paused = [AudioUnit(0, number * 1_800 + 900_000 * (number > 4), 1_800, False, b"x") for number in range(10)]
    before, after = _fragments(paused)
    assert (before.duration, after.decode_time) == (9_000, 909_000)
    assert not after.gap_before


def test_a_fragment_of_ever_the_same_time_is_bounded() -> None:
    parts = _fragments([AudioUnit(0, 0, 1_800, False, b"x") for _ in range(2_000)])
    assert max(len(part.samples) for part in parts) <= 512


@given(st.lists(st.tuples(st.integers(-5_000, 30_000), st.integers(1, 20_000), st.booleans()), min_size=1, max_size=60))
def test_no_unit_is_lost_and_times_ascend(steps: list[tuple[int, int, bool]]) -> None:
    time, units = 1_000_000, []
    for number, (step, duration, gap) in enumerate(steps):
        time += step
        units.append(AudioUnit(number, time, duration, gap, number.to_bytes(2, "big")))
    parts = _fragments(units)
    assert [sample.data for part in parts for sample in part.samples] == [unit.data for unit in units]
    assert all(sample.duration > 0 for part in parts for sample in part.samples)
    assert all(part.duration == sum(sample.duration for sample in part.samples) for part in parts)
    assert all(later.decode_time >= one.decode_time + one.duration for one, later in pairwise(parts))


@given(st.binary(min_size=1, max_size=200), st.integers(0, 700))
def test_damaged_bytes_never_break_the_reader(noise: bytes, at: int) -> None:
    parameters = AudioParameters("aac", 16_000, 1, b"\x14\x08", "mp4a.40.2")
    data = bytearray(init_segment(parameters))
    data[at : at + len(noise)] = noise
    try:
        parameters_of(read_init(io.BytesIO(bytes(data))))
    except InvalidInput:
        pass
