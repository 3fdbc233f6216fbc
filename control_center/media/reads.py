"""From the media server's spool into the audit trail: who watched what, noted by a process that has no database.

A finished file is read, its lines become audit entries in one transaction, and the file goes. Each entry has the
identifier of its line, so that a file read again, whenever this process was killed, doubles nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from control_center.media.repeating import repeating
from device_registry.models import Camera
from foundation import audit
from foundation.audit import AuditAction, AuditEntry
from foundation.chain import one_writer
from foundation.clock import Clock
from foundation.database import transaction
from foundation.files import ensure_folder, write_atomically
from foundation.identifiers import Origin
from foundation.metrics import counter, gauge
from ingest.live.reads import FINISHED, FOLDER, ClipRead, LiveRead, LostReads, MediaRead

SET_ASIDE: Final = "damaged"
PAUSE_S: Final = 1.0
_NAME: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LINE: Final[TypeAdapter[LiveRead | ClipRead | LostReads]] = TypeAdapter(MediaRead)

_written = counter("vedette_media_reads_total", "Lines of the media server written into the audit trail.")
_damaged = counter("vedette_media_reads_damaged_total", "Lines of the media server that could not be read.")
_waiting = gauge("vedette_media_reads_waiting", "Files of the media server that wait for the audit trail.")
_log = structlog.get_logger()


@dataclass(slots=True)
class _File:
    """The lines of a finished file."""

    path: Path
    reads: dict[str, LiveRead | ClipRead | LostReads] = field(default_factory=dict)  # by identifier, in order
    damaged: list[bytes] = field(default_factory=list)


class MediaReads:
    """Takes the spool's finished files up. Safe beside another of its kind: one at a time writes to the trail."""

    def __init__(self, core: Engine, run_dir: Path, origin: Origin, clock: Clock) -> None:
        self._core = core
        self._folder = run_dir / FOLDER
        self._origin = origin
        self._clock = clock

    def running(self) -> AbstractAsyncContextManager[None]:
        return repeating(self.take_up, PAUSE_S, "media_reads_not_taken_up")

    def take_up(self) -> int:
        """Write what waits into the audit trail, oldest first; returns how many entries that made."""
        files = sorted(path for path in self._folder.glob(f"*{FINISHED}") if _NAME.fullmatch(path.stem))
        entries = 0
        for done, path in enumerate(files):
            _waiting.set(len(files) - done)
            entries += self._take_up_file(_read(path))
        _waiting.set(0)
        return entries

    def _take_up_file(self, file: _File) -> int:
        if file.damaged:
            self._set_aside(file)
        with transaction(self._core) as session:
            written = self._write(session, file)
        file.path.unlink(missing_ok=True)
        _written.inc(written)
        return written

    def _set_aside(self, file: _File) -> None:
        folder = ensure_folder(self._folder / SET_ASIDE)
        write_atomically(folder / f"{file.path.stem}.txt", b"\n".join(file.damaged) + b"\n")
        _damaged.inc(len(file.damaged))
        _log.error("media_reads_damaged", file=file.path.name, lines=len(file.damaged))

    def _write(self, session: Session, file: _File) -> int:
        one_writer(session)  # before it is asked what is there already
        reads = list(file.reads.values())
        known = _known(session, [file.path.stem, *file.reads])
        centers = _centers(session, {read.camera_id for read in reads if not isinstance(read, LostReads)})
        new = [read for read in reads if read.id not in known]
        for read in new:
            self._record(session, read, centers)
        if file.damaged and file.path.stem not in known:
            detail = {"count": len(file.damaged), "cause": "damaged"}
            self._record_loss(session, file.path.stem, self._clock.now_us(), detail)
            return len(new) + 1
        return len(new)

    def _record(self, session: Session, read: LiveRead | ClipRead | LostReads, centers: Mapping[str, str]) -> None:
        if isinstance(read, LostReads):
            detail = {"count": read.count, "cause": "unwritten", "from_us": read.from_us}
            self._record_loss(session, read.id, read.at_us, detail)
            return
        is_live = isinstance(read, LiveRead)
        audit.record(
            session,
            AuditAction.MEDIA_LIVE_WATCH if is_live else AuditAction.MEDIA_FOOTAGE_PLAY,
            origin=Origin(centers.get(read.camera_id, self._origin.center_id), self._origin.node),
            actor=read.account,
            subject=read.camera_id,
            detail=_detail(read),
            clock=self._clock,
            entry_id=read.id,
            at_us=read.at_us,
        )

    def _record_loss(self, session: Session, entry_id: str, at_us: int, detail: Mapping[str, Any]) -> None:
        audit.record(
            session,
            AuditAction.MEDIA_READ_LOST,
            origin=self._origin,
            actor="live",
            subject=self._origin.center_id,
            detail=detail,
            clock=self._clock,
            entry_id=entry_id,
            at_us=at_us,
        )


def _read(path: Path) -> _File:
    file = _File(path)
    for line in path.read_bytes().splitlines():
        try:
            read = _LINE.validate_json(line)
            file.reads[read.id] = read
        except ValidationError:
            file.damaged.append(line)
    return file


def _detail(read: LiveRead | ClipRead) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "camera_id": read.camera_id,
        "stream": read.stream,
        "from_us": read.from_us,
        "to_us": read.to_us,
        "ticket": read.ticket,
        "session": read.session_id,
    }
    if isinstance(read, LiveRead):
        return detail | {"alert_id": None, "began": read.began}
    return detail | {"alert_id": read.alert_id}


def _known(session: Session, ids: Collection[str]) -> set[str]:
    return set(session.scalars(select(AuditEntry.id).where(AuditEntry.id.in_(ids))))


def _centers(session: Session, camera_ids: Collection[str]) -> dict[str, str]:
    """The center of each camera; what is viewed of it concerns that one."""
    query = select(Camera.id, Camera.center_id).where(Camera.id.in_(camera_ids))
    return {row.id: row.center_id for row in session.execute(query)}
