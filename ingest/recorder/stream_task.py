"""One stream of one camera: keeps a session open, and hands its units to the tap and its fragments to the disk."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import structlog

from foundation.clock import US_PER_S, Clock
from foundation.errors import StreamError, StreamRefused, StreamSilent, VedetteError
from foundation.http_auth import Credentials
from foundation.keyring import Keyring
from foundation.settings import Settings
from ingest.access_unit import TICKS_PER_S, AccessUnit, CodecParameters
from ingest.footage.disk_set import DiskSet
from ingest.footage.fragmenter import Fragmenter
from ingest.recorder import metrics
from ingest.recorder.assignments import Assignment
from ingest.recorder.audio_recording import AudioRecording
from ingest.recorder.backoff import Backoff
from ingest.recorder.opening import open_session
from ingest.recorder.tap_server import TapServer
from ingest.rtsp.faults import StreamAuthFailed
from ingest.rtsp.sps import sequence_parameters
from ingest.rtsp.timeline import UtcLine

_STEADY_US = 10 * US_PER_S  # after so long a session counts as good, and the next fault is tried again soon
_COUNTED = (metrics.ACCESS_UNITS, metrics.BYTES, metrics.LOSSES)
_log = structlog.get_logger()


@dataclass(slots=True, frozen=True)
class Surroundings:
    """What all streams of a recorder share."""

    settings: Settings
    clock: Clock
    utc: UtcLine
    tap: TapServer


class StreamTask:
    def __init__(self, assignment: Assignment, disk: DiskSet, around: Surroundings, floor_us: int = 0) -> None:
        self.assignment = assignment
        self._disk = disk
        self._around = around
        self._key = assignment.key
        self._backoff = Backoff()
        self._fragmenter: Fragmenter | None = None
        self._parameters: CodecParameters | None = None
        self.last_us = floor_us  # of the last unit; the next one is no earlier
        self._resuming = False  # a session before this one gave units
        self._state = "connecting"
        self._since_us = around.clock.now_us()
        self._cause: str | None = None
        self._access_units = 0
        self._bytes = 0
        self._losses = 0
        self._measured = (0, 0, 0)
        self._tls_sha256: str | None = None
        self._audio: AudioRecording | None = None
        if AudioRecording.wanted(assignment):
            self._audio = AudioRecording(assignment, disk, around.settings.recorder.fragment_s, floor_us)
        self._log = _log.bind(camera=assignment.camera_code, stream=assignment.stream)

    @property
    def floor_us(self) -> int:
        """What is recorded next, pictures or sound, begins no earlier."""
        return max(self.last_us, self._audio.end_us if self._audio else 0)

    async def run(self, delay_s: float) -> None:
        """Record until cancelled."""
        self._disk.begin(self._key, self.assignment.fence)
        if self._audio is not None:
            self._audio.begin()
        try:
            await asyncio.sleep(delay_s)
            while True:
                wait_s = await self._session()
                await asyncio.sleep(wait_s)
        finally:
            self._end(None)

    def report(self) -> dict[str, Any]:
        """The stream's entry in the status file."""
        parameters = self._parameters
        state, cause = self._state, self._cause
        if state == "recording" and self._disk.fault is not None:
            state, cause = "refused", str(self._disk.fault)
        return {
            "camera_id": self.assignment.camera_id,
            "stream": self.assignment.stream,
            "state": state,
            "since_us": self._since_us,
            "cause": cause,
            "access_units": self._access_units,
            "bytes": self._bytes,
            "losses": self._losses,
            "disk": str(self._disk.folder(self._key)),
            "tls_sha256": self._tls_sha256,
            "codec": parameters.codec if parameters else None,
            "width": parameters.width if parameters else None,
            "height": parameters.height if parameters else None,
            "audio": self._audio.report() if self._audio else None,
        }

    def measure(self) -> None:
        """Add to the metrics what came since the last call; once a second, as counting is dear beside taking a unit."""
        now = (self._access_units, self._bytes, self._losses)
        for metric, value, before in zip(_COUNTED, now, self._measured, strict=True):
            metric.inc(value - before)
        self._measured = now

    async def _session(self) -> float:
        """One session from its start to its fault; returns how long to wait before the next."""
        began_us = self._around.clock.monotonic_us()
        try:
            await self._record()
        except StreamError as error:
            fault = error
        except Exception as error:  # noqa: BLE001, what one camera sends must not end the recording of the others
            self._log.exception("stream_not_understood")
            fault = StreamError(f"what the camera sends is not understood ({type(error).__name__}).")
        if self._state == "recording" and self._around.clock.monotonic_us() - began_us > _STEADY_US:
            self._backoff.reset()
        return self._fault(fault)

    async def _record(self) -> NoReturn:
        session = await open_session(
            self.assignment,
            self._credentials(),
            clock=self._around.clock,
            utc=self._around.utc,
            floor_us=self.last_us,
            audio_floor_us=self._audio.end_us if self._audio else None,
        )
        self._on_certificate(session.tls_sha256)
        losses = self._losses
        try:
            if self._audio is not None:
                self._audio.opened(session.audio, session.audio_fault, self._around.clock.monotonic_us())
            while True:
                for event in await session.read(watched=self._around.tap.is_watched(self._key)):
                    if isinstance(event, AccessUnit):
                        self._on_unit(event)
                    elif isinstance(event, CodecParameters):
                        self._on_parameters(event)
                    elif self._audio is not None:
                        self._audio.take(event, self._around.clock.monotonic_us())
                if self._audio is not None:
                    self._audio.check_silence(self._around.clock.monotonic_us())
                self._losses = losses + session.losses
        finally:
            with suppress(OSError):
                await session.close()

    def _on_certificate(self, sha256: str | None) -> None:
        """One that is not pinned may change, but not without a word."""
        if self._tls_sha256 not in (None, sha256):
            self._log.warning("certificate_changed", before=self._tls_sha256, now=sha256)
        self._tls_sha256 = sha256

    def _credentials(self) -> Credentials | None:
        if not self.assignment.username:
            return None
        if not self.assignment.password:
            return Credentials(self.assignment.username, "")
        try:
            keyring = Keyring.open(self._around.settings.key_dir, self._around.clock)
            password = keyring.unseal(self.assignment.password, purpose="credential")
        except VedetteError as error:
            raise StreamAuthFailed(error.what, where=error.where, mend=error.mend) from error
        return Credentials(self.assignment.username, password.decode())

    def _on_parameters(self, parameters: CodecParameters) -> None:
        self._flush()
        self._parameters = parameters
        ticks = int(self._around.settings.recorder.fragment_s * TICKS_PER_S)
        self._fragmenter = Fragmenter(ticks, sequence_parameters(parameters).reorder_frames)
        self._disk.parameters(self._key, parameters)
        self._around.tap.parameters(self._key, parameters)
        self._log.info("stream_parameters", codec=parameters.rfc6381, width=parameters.width, height=parameters.height)

    def _on_unit(self, unit: AccessUnit) -> None:
        if self._resuming:
            unit = replace(unit, gap_before=True)
            self._resuming = False
        elif unit.gap_before and self._access_units:
            self._disk.lost(self._key, self.last_us, unit.start_us)
        self.last_us = unit.start_us
        self._access_units += 1
        self._bytes += len(unit.data)
        self._around.tap.unit(self._key, unit)
        assert self._fragmenter is not None
        fragment = self._fragmenter.push(unit)
        if fragment is not None:
            self._disk.append(self._key, fragment)
        if self._state != "recording":
            self._enter("recording", None)

    def _fault(self, error: StreamError) -> float:
        state, cause = _state_and_cause(error)
        metrics.FAULTS.labels(state).inc()
        self._end(cause)
        if state != self._state:
            self._log.warning("stream_fault", state=state, cause=str(error))
        self._enter(state, str(error))
        return self._backoff.wait_s(error)

    def _enter(self, state: str, cause: str | None) -> None:
        if state != self._state:
            self._since_us = self._around.clock.now_us()
        self._state, self._cause = state, cause

    def _end(self, cause: str | None) -> None:
        self._flush()
        self._resuming = self._access_units > 0
        self._disk.interrupt(self._key, cause)
        if self._audio is not None:
            self._audio.end(cause)
        self._around.tap.end(self._key)

    def _flush(self) -> None:
        if self._fragmenter is not None:
            for fragment in self._fragmenter.flush():
                self._disk.append(self._key, fragment)


def _state_and_cause(error: StreamError) -> tuple[str, str]:
    """The state that people see, and the cause that the gap in the footage gets."""
    if isinstance(error, StreamAuthFailed):
        return "auth_failed", "refused"
    if isinstance(error, StreamRefused):
        return "refused", "refused"
    return ("silent", "silent") if isinstance(error, StreamSilent) else ("unreachable", "unreachable")
