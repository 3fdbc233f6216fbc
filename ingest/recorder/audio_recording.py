"""The sound of one camera beside its main stream: files and gaps of its own, whatever becomes of the pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import structlog

from foundation.clock import US_PER_S
from foundation.errors import StreamError
from ingest.access_unit import TICKS_PER_S, AudioParameters, AudioUnit
from ingest.footage.audio_fragmenter import AudioFragmenter
from ingest.footage.disk_set import DiskSet
from ingest.footage.fragmenter import us_from_ticks
from ingest.recorder.assignments import Assignment
from ingest.rtsp.audio import AudioEvent, AudioReceiver
from ingest.rtsp.session import SILENCE_US

AUDIO_STREAM = "audio"
_ONE_GAP_US = US_PER_S  # losses closer together are one gap, so that a bad line does not fill the index with them
_SILENT = "the camera sends no sound."
_NOT_UNDERSTOOD = "what the camera sends as sound is not understood."
_log = structlog.get_logger()


class AudioRecording:
    """`end_us` is the end of the last unit; the next one starts no earlier."""

    def __init__(self, assignment: Assignment, disk: DiskSet, fragment_s: float, end_us: int) -> None:
        self._assignment = assignment
        self._key = (assignment.camera_id, AUDIO_STREAM)
        self._disk = disk
        self._fragmenter = AudioFragmenter(int(fragment_s * TICKS_PER_S))
        self._parameters: AudioParameters | None = None
        self._receiver: AudioReceiver | None = None
        self.end_us = end_us
        self._resuming = False  # units came before what interrupted them
        self._gap_us: tuple[int, int] | None = None  # start and end of the last loss
        self._heard_us = 0  # monotonic time of the last unit
        self._heard_packets = 0  # up to it
        self._cause: str | None = None
        self._units = 0
        self._bytes = 0
        self._losses = 0  # of earlier sessions

    @classmethod
    def wanted(cls, assignment: Assignment) -> bool:
        """Whether the camera's purpose allows its sound, which comes with the main stream alone."""
        return assignment.audio and assignment.stream == "main"

    def begin(self) -> None:
        self._disk.begin(self._key, self._assignment.fence)

    def opened(self, receiver: AudioReceiver | None, fault: StreamError | None, now_us: int) -> None:
        """A session has begun, with the sound or with the reason why it does not come."""
        self._losses = self._total_losses()
        self._receiver = receiver
        self._heard_us, self._heard_packets = now_us, 0
        cause = str(fault) if fault else None
        if fault is not None:
            self._disk.interrupt(self._key, "refused")
            if cause != self._cause:
                _log.warning("no_sound", camera=self._assignment.camera_code, cause=cause)
        self._cause = cause

    def take(self, event: AudioEvent, now_us: int) -> None:
        if isinstance(event, AudioParameters):
            self._flush()
            self._parameters = event
            self._disk.parameters(self._key, event)
        else:
            self._heard_us = now_us
            self._heard_packets = self._packets()
            self._on_unit(event)

    def check_silence(self, now_us: int) -> None:
        """A track that says nothing is a gap in the sound, and no fault of the stream."""
        if self._cause is None and now_us - self._heard_us >= SILENCE_US:
            self.end("silent")
            self._cause = _SILENT if self._packets() == self._heard_packets else _NOT_UNDERSTOOD

    def end(self, cause: str | None) -> None:
        self._flush()
        self._resuming = self._units > 0
        self._disk.interrupt(self._key, cause)

    def report(self) -> dict[str, Any]:
        parameters = self._parameters
        return {
            "codec": parameters.codec if parameters else None,
            "sample_rate": parameters.sample_rate if parameters else None,
            "channels": parameters.channels if parameters else None,
            "cause": self._cause,
            "units": self._units,
            "bytes": self._bytes,
            "losses": self._total_losses(),
        }

    def _on_unit(self, unit: AudioUnit) -> None:
        if self._resuming:
            unit = replace(unit, gap_before=True)
        elif unit.gap_before and self._units:
            self._lost(unit.start_us)
        self._resuming, self._cause = False, None
        self.end_us = unit.start_us + us_from_ticks(unit.duration)
        self._units += 1
        self._bytes += len(unit.data)
        fragment = self._fragmenter.push(unit)
        if fragment is not None:
            self._disk.append(self._key, fragment)

    def _packets(self) -> int:
        return self._receiver.packets if self._receiver else 0

    def _total_losses(self) -> int:
        return self._losses + (self._receiver.losses if self._receiver else 0)

    def _lost(self, until_us: int) -> None:
        start_us = self.end_us
        if self._gap_us is not None and start_us - self._gap_us[1] < _ONE_GAP_US:
            start_us = self._gap_us[0]
        self._gap_us = (start_us, until_us)
        self._disk.lost(self._key, start_us, until_us)

    def _flush(self) -> None:
        for fragment in self._fragmenter.flush():
            self._disk.append(self._key, fragment)
