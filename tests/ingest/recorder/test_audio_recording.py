"""What is said of the sound, and what becomes of it on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from foundation.clock import SYSTEM_CLOCK, US_PER_S
from foundation.errors import StreamRefused
from foundation.settings import RecorderSettings
from ingest.access_unit import AudioParameters, AudioUnit
from ingest.footage import FootageIndex
from ingest.footage.disk_set import DiskSet
from ingest.footage.disk_writer import DiskWriter
from ingest.footage.holds import HoldsFile
from ingest.recorder.assignments import Assignment
from ingest.recorder.audio_recording import AudioRecording
from ingest.rtsp.audio import AudioReceiver
from ingest.rtsp.audio_track import AudioTrack
from ingest.rtsp.timeline import UtcLine

EVER = (0, 1 << 62)
UNIT_US, UNIT_TICKS = 20_000, 1_800
PARAMETERS = AudioParameters("pcma", 8_000, 1, b"", "alaw")
NO_SOUND = StreamRefused("the device offers no sound.")
SETTINGS = RecorderSettings(segment_s=2, sync_s=0.5, min_free_bytes=0)


class Sound:
    """A recording of the last seconds, unit by unit."""

    def __init__(self, folder: Path) -> None:
        self._disk = folder / "disk"
        self._writer = DiskWriter(
            self._disk, folder / "run" / "disks", SETTINGS, HoldsFile(folder / "run"), SYSTEM_CLOCK
        )
        assignment = Assignment("camera", "C1", "main", "rtsp://camera/", None, None, 1, (self._disk,), audio=True)
        self.recording = AudioRecording(assignment, DiskSet([self._writer]), 0.5, end_us=0)
        self.recording.begin()
        self.first_us = SYSTEM_CLOCK.now_us() - 60 * US_PER_S

    def opened(self, fault: StreamRefused | None = None) -> None:
        self.recording.opened(None, fault, 0)
        if fault is None:
            self.recording.take(PARAMETERS, 0)

    def hear(self, numbers: range, *lost_before: int) -> None:
        for number in numbers:
            unit = AudioUnit(
                self.first_us + number * UNIT_US, number * UNIT_TICKS, UNIT_TICKS, number in lost_before, bytes(160)
            )
            self.recording.take(unit, number * UNIT_US)

    def index(self) -> FootageIndex:
        """When everything is written."""
        self.recording.end(None)
        self.close()
        return FootageIndex(self._disk)

    def close(self) -> None:
        if self._writer.alive:
            self._writer.close()


@pytest.fixture
def sound(tmp_path: Path) -> Iterator[Sound]:
    made = Sound(tmp_path)
    yield made
    made.close()


def test_sound_has_segments_of_its_own(sound: Sound) -> None:
    sound.opened()
    sound.hear(range(250))
    report = sound.recording.report()
    assert report == {
        "codec": "pcma",
        "sample_rate": 8_000,
        "channels": 1,
        "cause": None,
        "units": 250,
        "bytes": 40_000,
        "losses": 0,
    }
    assert sound.recording.end_us == sound.first_us + 250 * UNIT_US
    index = sound.index()
    segments = index.segments("camera", "audio", *EVER)
    assert [segment.duration_us for segment in segments] == [2 * US_PER_S, 2 * US_PER_S, US_PER_S]
    assert index.coverage("camera", "audio", *EVER) == [(sound.first_us, sound.first_us + 250 * UNIT_US)]
    assert index.gaps("camera", "audio", *EVER) == []


def test_losses_close_together_are_one_gap(sound: Sound) -> None:
    sound.opened()
    heard = [number for number in range(500) if number not in (100, 101, 120, 140, 141, 300)]
    for number in heard:
        sound.hear(range(number, number + 1), 102, 121, 142, 301)
    gaps = [
        ((gap.start_us - sound.first_us) // UNIT_US, (gap.end_us - sound.first_us) // UNIT_US, gap.cause)
        for gap in sound.index().gaps("camera", "audio", *EVER)
    ]
    assert gaps == [(100, 142, "packet_loss"), (300, 301, "packet_loss")]


def test_silence_of_the_track_is_a_gap(sound: Sound) -> None:
    sound.opened()
    sound.hear(range(100))
    last_us = 99 * UNIT_US
    sound.recording.check_silence(last_us + 4_900_000)
    assert sound.recording.report()["cause"] is None
    sound.recording.check_silence(last_us + 5_000_000)
    assert sound.recording.report()["cause"] == "the camera sends no sound."
    sound.hear(range(500, 600))
    assert sound.recording.report()["cause"] is None
    (gap,) = sound.index().gaps("camera", "audio", *EVER)
    assert (gap.start_us, gap.end_us) == (sound.first_us + 100 * UNIT_US, sound.first_us + 500 * UNIT_US)
    assert gap.cause == "silent"


def test_sound_that_is_not_understood_is_not_called_silence(sound: Sound) -> None:
    track = AudioTrack(AudioParameters("pcmu", 8_000, 2, b"", "ulaw"), 0, 8_000, None, None, 0)
    receiver = AudioReceiver(track, 2, utc=UtcLine(SYSTEM_CLOCK))
    sound.recording.opened(receiver, None, 0)
    for number in range(3):
        assert receiver.receive(bytes([0x80, 0x00, 0, number]) + bytes(8) + b"odd", number) == []
    sound.recording.check_silence(5_000_000)
    report = sound.recording.report()
    assert (report["cause"], report["losses"]) == ("what the camera sends as sound is not understood.", 1)
    sound.recording.opened(None, None, 6_000_000)
    assert sound.recording.report()["losses"] == 1


def test_why_there_is_no_sound_is_said_once(sound: Sound) -> None:
    with capture_logs() as logs:
        for _ in range(3):
            sound.opened(NO_SOUND)
            sound.recording.check_silence(60 * US_PER_S)
            assert sound.recording.report()["cause"] == str(NO_SOUND)
            sound.recording.end("unreachable")
    assert [(entry["event"], entry["camera"]) for entry in logs if entry["event"] == "no_sound"] == [("no_sound", "C1")]
    sound.opened()
    sound.hear(range(50))
    assert sound.recording.report()["cause"] is None
    index = sound.index()
    assert len(index.segments("camera", "audio", *EVER)) == 1
    assert index.gaps("camera", "audio", *EVER) == []


@pytest.mark.parametrize(
    ("audio", "stream", "wanted"), [(True, "main", True), (True, "sub", False), (False, "main", False)]
)
def test_only_the_main_stream_brings_sound_and_only_with_leave(audio: bool, stream: str, wanted: bool) -> None:
    assignment = Assignment("camera", "C1", stream, "rtsp://camera/", None, None, 1, (Path("disk"),), audio=audio)
    assert AudioRecording.wanted(assignment) == wanted
