"""Sound that was recorded, as a clip of its own."""

from __future__ import annotations

import io
import itertools
import math
from array import array
from pathlib import Path

import av
import pytest

from ingest.access_unit import AudioParameters, AudioUnit
from ingest.footage.audio_fragmenter import AudioFragmenter
from ingest.footage.fragmenter import MediaFragment
from ingest.footage.index_writer import Changes, IndexWriter
from ingest.footage.mp4 import init_segment
from ingest.footage.segment_file import SegmentFile, SegmentName
from ingest.playback import Clip, clip

pytestmark = pytest.mark.functional

CAMERA = "0199a000-0000-7000-8000-000000000001"
START_US = 1_760_000_000_000_000
S = 1_000_000


def _tone(rate: int, seconds: int) -> tuple[AudioParameters, list[AudioUnit]]:
    encoder = av.AudioCodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = rate, "mono", "fltp"
    encoder.open()
    data: list[bytes] = []
    for at in range(0, rate * seconds, 1024):
        frame = av.AudioFrame("fltp", "mono", 1024)
        frame.sample_rate, frame.pts = rate, at
        frame.planes[0].update(array("f", [math.sin(one * 440 * math.tau / rate) for one in range(at, at + 1024)]))
        data += [bytes(packet) for packet in encoder.encode(frame)]
    return AudioParameters("aac", rate, 1, bytes(encoder.extradata or b""), "mp4a.40.2"), _units(data, rate, 1024)


def _units(data: list[bytes], rate: int, samples: int) -> list[AudioUnit]:
    return [
        AudioUnit(
            START_US + number * samples * S // rate,
            number * samples * 90_000 // rate,
            samples * 90_000 // rate,
            False,
            one,
        )
        for number, one in enumerate(data)
    ]


def _record(disk: Path, parameters: AudioParameters, units: list[AudioUnit]) -> None:
    fragmenter = AudioFragmenter(45_000)
    parts: list[MediaFragment] = [done for unit in units if (done := fragmenter.push(unit))] + fragmenter.flush()
    segment = SegmentFile(disk, SegmentName(CAMERA, "audio", units[0].start_us, 1, 0), init_segment(parameters))
    for part in parts:
        segment.append(part)
    writer = IndexWriter(disk)
    row = segment.row(complete=True)
    writer.apply(Changes(segments={row.key: row}))
    writer.close()
    segment.close()


def _samples(found: Clip) -> int:
    with av.open(io.BytesIO(found.read())) as container:
        (stream,) = container.streams
        return sum(frame.samples for frame in container.decode(stream))


def test_a_clip_of_sound_starts_within_half_a_second(tmp_path: Path) -> None:
    _record(tmp_path, *_tone(16_000, 12))
    found = clip([tmp_path], CAMERA, "audio", START_US + 3 * S, START_US + 8 * S)
    assert 0 <= START_US + 3 * S - found.start_us < S
    assert 0 <= found.end_us - (START_US + 8 * S) < S
    assert (found.mime, found.gaps) == ('audio/mp4; codecs="mp4a.40.2"', [])
    assert _samples(found) / 16_000 == pytest.approx((found.end_us - found.start_us) / S, abs=0.01)


@pytest.mark.parametrize(("codec", "kind"), [("pcma", "alaw"), ("pcmu", "ulaw")])
def test_a_clip_of_g711_plays_too(tmp_path: Path, codec: str, kind: str) -> None:
    data = [bytes(itertools.islice(itertools.cycle(range(256)), 160)) for _ in range(500)]
    parameters = AudioParameters("pcma" if codec == "pcma" else "pcmu", 8_000, 1, b"", kind)
    _record(tmp_path, parameters, _units(data, 8_000, 160))
    found = clip([tmp_path], CAMERA, "audio", START_US, START_US + 10 * S)
    assert found.mime == f'audio/mp4; codecs="{kind}"'
    assert _samples(found) == 500 * 160


def test_pictures_have_no_sound_in_them(tmp_path: Path) -> None:
    _record(tmp_path, *_tone(16_000, 2))
    with pytest.raises(Exception, match="nothing is recorded"):
        clip([tmp_path], CAMERA, "main", START_US, START_US + S)
