"""Restoring a backup: checked as a whole first, loaded aside, migrated, checked again, and only then in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select, table, update
from sqlalchemy.orm import Session

from foundation import audit, migrations, outbox
from foundation.audit import AuditAction
from foundation.audit import check as audit_check
from foundation.backup.cut import last_number
from foundation.backup.loading import check_foreign_keys, foreign_keys_later, insert_rows, set_last_number
from foundation.backup.manifest import Manifest
from foundation.backup.progress import SILENT, Progress
from foundation.backup.reader import BackupFile, Trust
from foundation.backup.rooms import Rooms
from foundation.backup.shapes import STORES, Shape, shapes_of
from foundation.backup.target import Target
from foundation.clock import SYSTEM_CLOCK, US_PER_S, Clock
from foundation.errors import Conflict, DatabaseError, InvalidInput
from foundation.leases import LeaseRow
from foundation.outbox import OutboxEvent, OutboxStream
from foundation.settings import Settings

# What was given out between the backup and now is not known; a number of that time must not be given out again, since
# it stands in footage (fences) and in browsers (positions of events). Nobody gives out so many.
NUMBERS_AHEAD = 1_000_000


@dataclass(frozen=True, slots=True)
class Restored:
    manifest: Manifest
    migrated: bool
    settled: Mapping[str, int]
    faults: Sequence[str]  # what the backup's own chains lack
    way_back: Sequence[str]


@dataclass(slots=True)
class _Work:
    """One restore under way."""

    settings: Settings
    rooms: Rooms
    clock: Clock
    actor: str
    manifest: Manifest
    old_head: tuple[int, str] | None
    faults: list[str] = field(default_factory=list)
    settled: dict[str, int] = field(default_factory=dict)


def restore(
    settings: Settings,
    target: Target,
    file: BackupFile,
    trust: Trust,
    rooms: Rooms,
    *,
    actor: str,
    replace: bool = False,
    clock: Clock = SYSTEM_CLOCK,
    progress: Progress = SILENT,
) -> Restored:
    """Put the backup's state in the place of the present one.

    Raises `InvalidInput` or `NewerDatabase` for a file that is not whole or not for this center and version, `Conflict`
    where the present database holds something and `replace` is not given, `DatabaseError` or a `ResourceError` when the
    work fails: the present state is left as it was in each case. The caller sees to it that no process runs.
    """
    manifest = file.verify(trust)
    _refuse_other_center(settings, file, manifest)
    content = target.content()
    if content is not None and not replace:
        raise Conflict(
            f"the present database holds data ({content}).",
            where=settings.center.code,
            mend="Say --replace to put the backup in its place; the present one is kept beside.",
        )
    work = _Work(settings, rooms, clock, actor, manifest, target.old_audit_head())
    stamp = _free_stamp(target, clock.now_us())
    with target.fresh(stamp) as connections:
        _load(connections, file, manifest, progress)
        _migrate(connections)
        _finish(connections, work)
    return Restored(
        manifest,
        migrated=manifest.start.revisions != {name: store.head for name, store in STORES.items()},
        settled=work.settled,
        faults=work.faults,
        way_back=target.way_back(stamp) if content is not None else (),
    )


def _free_stamp(target: Target, now_us: int) -> str:
    """A name for the old database that no other bears, though two restores fall into one second."""
    while target.is_taken(stamp_of(now_us)):
        now_us += US_PER_S
    return stamp_of(now_us)


def stamp_of(now_us: int) -> str:
    """A moment as it stands in names of files."""
    return datetime.fromtimestamp(now_us // US_PER_S, UTC).strftime("%Y%m%dT%H%M%SZ")


def _refuse_other_center(settings: Settings, file: BackupFile, manifest: Manifest) -> None:
    start = manifest.start
    if start.center_code != settings.center.code:
        raise InvalidInput(
            f"this is a backup of the center {start.center_code} ({start.center_name}), and the settings are of "
            f"{settings.center.code}.",
            where=str(file.path),
            mend="Set center.code to that center's, or name the right backup.",
        )


def _load(connections: Mapping[str, Connection], file: BackupFile, manifest: Manifest, progress: Progress) -> None:
    for store, revision in manifest.start.revisions.items():
        migrations.upgrade(STORES[store], connections[store], revision)
    shapes = [shape for store, revision in manifest.start.revisions.items() for shape in shapes_of(store, revision)]
    progress.expect({f"{content.store}/{content.table}": content.rows for content in manifest.tables})

    def sink(shape: Shape, rows: Sequence[Sequence[Any]]) -> None:
        insert_rows(connections[shape.store], shape, rows)

    with ExitStack() as stack:
        for store, connection in connections.items():
            ours = [shape.table for shape in shapes if shape.store == store]
            stack.enter_context(foreign_keys_later(connection, ours))
        file.load(manifest, sink, progress)
    for shape in shapes:
        if shape.numbered:
            set_last_number(connections[shape.store], shape, manifest.last_numbers.get(shape.name, 0))
    _check_counts(connections, manifest)


def _check_counts(connections: Mapping[str, Connection], manifest: Manifest) -> None:
    for content in manifest.tables:
        found = connections[content.store].execute(select(func.count()).select_from(table(content.table))).scalar_one()
        if found != content.rows:
            raise DatabaseError(f"{found} rows were loaded, and {content.rows} were saved.", where=content.table)


def _migrate(connections: Mapping[str, Connection]) -> None:
    for name, store in STORES.items():
        migrations.upgrade(store, connections[name])
        check_foreign_keys(connections[name])


def _finish(connections: Mapping[str, Connection], work: _Work) -> None:
    core = Session(connections["core"], expire_on_commit=False)
    observations = Session(connections["observations"], expire_on_commit=False)
    with core, observations:
        work.faults += chain_faults(core)
        _start_epochs(core, work)
        _outrun_given_numbers(connections["core"], core)
        work.settled |= work.rooms.settle(core, observations, work.clock)
        core.flush()
        _record(core, work)
        core.flush()


def chain_faults(core: Session) -> list[str]:
    """Where the audit trail or a stream of the outbox breaks, a sentence each."""
    fault = audit_check.verify(core).fault
    found = [f"The audit trail breaks: {fault.reason}."] if fault else []
    for stream in core.scalars(select(OutboxStream).order_by(OutboxStream.id)):
        broken = outbox.verify(core, stream.id)
        if broken is not None:
            found.append(f"The outbox stream {stream.destination}/{stream.lane} breaks at event {broken}.")
    return found


def _start_epochs(core: Session, work: _Work) -> None:
    """What was said after the backup is forgotten here and known elsewhere: no number may be used for something new."""
    streams = core.scalars(select(OutboxStream).where(OutboxStream.closed_us.is_(None))).all()
    for stream in streams:
        outbox.new_epoch(core, stream.origin, stream.destination, stream.lane, work.clock)
    work.settled["outbox streams under a new epoch"] = len(streams)


def _outrun_given_numbers(connection: Connection, core: Session) -> None:
    core.execute(update(LeaseRow).values(fence=LeaseRow.fence + NUMBERS_AHEAD, holder="", expires_us=0))
    [events] = [shape for shape in shapes_of("core", STORES["core"].head) if shape.table == OutboxEvent.__tablename__]
    set_last_number(connection, events, last_number(connection, events) + NUMBERS_AHEAD)


def _record(core: Session, work: _Work) -> None:
    start = work.manifest.start
    head = work.manifest.audit_head
    detail = {
        "created_us": start.created_us,
        "vedette": start.vedette,
        "rows": work.manifest.rows,
        "audit_head": {"seq": head.seq, "hash": head.hash},
        "replaced_audit_head": {"seq": work.old_head[0], "hash": work.old_head[1]} if work.old_head else None,
        "faults": list(work.faults),
    }
    origin = work.rooms.origin(core, work.settings, work.clock)
    audit.record(
        core,
        AuditAction.CLI_BACKUP_RESTORE,
        origin=origin,
        actor=work.actor,
        subject=origin.center_id,
        detail=detail,
        clock=work.clock,
    )
