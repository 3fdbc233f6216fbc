"""Writing a backup: online, in bounded memory, to a temporary name that becomes the file's when all is on disk."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from sqlalchemy import ColumnClause, Connection, column, select, table

from foundation.backup import manifest as described
from foundation.backup.archive import MEMBER_LIMIT, ArchiveWriter
from foundation.backup.cut import Cut, cut_of
from foundation.backup.encryption import Lock, locking
from foundation.backup.manifest import ChainHead, Manifest, Start, StreamHead, TableContent
from foundation.backup.progress import SILENT, Progress
from foundation.backup.shapes import Shape
from foundation.clock import SYSTEM_CLOCK, US_PER_S, Clock
from foundation.database import Stores
from foundation.database_faults import explained
from foundation.errors import Conflict, DatabaseError
from foundation.files import ensure_folder, sync_folder, write_error
from foundation.sealed import count_by_key, sealed_columns
from foundation.settings import Settings
from foundation.signing import Signing

_CHUNK_BYTES = 1 << 20  # of rows, before compression
_LEVEL = 5  # zlib's: beyond it the time doubles and the size falls by two in a hundred
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Written:
    path: Path
    manifest: Manifest
    size_bytes: int


def write_backup(
    settings: Settings,
    stores: Stores,
    path: Path,
    signing: Signing,
    *,
    lock: Lock | None = None,
    clock: Clock = SYSTEM_CLOCK,
    progress: Progress = SILENT,
) -> Written:
    """Save both stores, of whatever schema they have, into a new file.

    Raises `Conflict` where the file exists, `DatabaseError`, `DiskFull` or `NotWritable`; then there is no file.
    """
    with (
        new_file(path) as file,
        locking(file, lock or Lock()) as plain,
        explained(stores.core),
        cut_of(stores) as cut,  # last: what comes before may take its time
    ):
        manifest = _write(settings, cut, plain, signing, clock, progress)
    return Written(path, manifest, path.stat().st_size)


def _write(
    settings: Settings, cut: Cut, file: IO[bytes], signing: Signing, clock: Clock, progress: Progress
) -> Manifest:
    start = _start(settings, cut, clock)
    archive = ArchiveWriter(file, start.created_us // US_PER_S)
    archive.add(described.FIRST, start.to_bytes())
    shapes = cut.shapes
    progress.expect({shape.name: cut.count(shape) for shape in shapes} if progress.shows else {})
    tables = [_write_table(archive, cut, shape, progress) for shape in shapes]
    public = signing.public(signing.current_id)
    assert public is not None
    manifest = Manifest(
        start=start,
        tables=tables,
        last_numbers=cut.last_numbers(),
        audit_head=_audit_head(cut.connection("core")),
        streams=_streams(cut.connection("core")),
        public_key=public.hex(),
        before_sha256=archive.digest,
    )
    data = manifest.to_bytes()
    archive.add(described.LAST, data)
    archive.add(described.SIGNATURE, signing.sign(data, described.PURPOSE).encode())
    archive.close()
    return manifest


def _start(settings: Settings, cut: Cut, clock: Clock) -> Start:
    return Start(
        format=described.FORMAT,
        vedette=version("vedette"),
        created_us=clock.now_us(),
        center_code=settings.center.code,
        center_name=settings.center.name,
        node=settings.center.node,
        revisions=cut.revisions,
        sealed_under=dict(_sealed_under(cut)),
    )


def _sealed_under(cut: Cut) -> Counter[str]:
    present = {(shape.table, field.name) for shape in cut.shapes for field in shape.fields}
    found: Counter[str] = Counter()
    for sealed in sealed_columns():
        if (sealed.table.name, sealed.column.name) in present:  # an older schema may not have it yet
            found.update(count_by_key(cut.connection("core"), sealed))
    return found


def _write_table(archive: ArchiveWriter, cut: Cut, shape: Shape, progress: Progress) -> TableContent:
    digest, rows, size = hashlib.sha256(), 0, 0
    for number, (count, data) in enumerate(_chunks(cut, shape), start=1):
        if len(data) > MEMBER_LIMIT:  # the reader would take it for damage
            raise DatabaseError("some rows are too large for a backup.", where=shape.name, mend="Look for a huge text.")
        digest.update(data)
        rows, size = rows + count, size + len(data)
        archive.add(f"{shape.name}/{number:08}.json.gz", _compressed(data))
        progress.advance(shape.name, count)
    return described.content_of(shape, rows, size, digest.hexdigest())


def _chunks(cut: Cut, shape: Shape) -> Iterator[tuple[int, bytes]]:
    """Rows as JSON arrays of about a megabyte each, with their count."""
    pieces: list[str] = []
    count = size = 0
    for group in cut.groups(shape):
        piece = _encode(group)[1:-1]
        pieces.append(piece)
        count, size = count + len(group), size + len(piece)
        if size >= _CHUNK_BYTES:
            yield count, _joined(pieces)
            pieces, count, size = [], 0, 0
    if pieces:
        yield count, _joined(pieces)


def _joined(pieces: list[str]) -> bytes:
    return f"[{','.join(pieces)}]".encode()


def _compressed(data: bytes) -> bytes:
    """In gzip's format, so that `tar` and `zcat` are enough to look inside."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
    return compressor.compress(data) + compressor.flush()


def _audit_head(core: Connection) -> ChainHead:
    """Not by the model, which may be of a newer schema than the table."""
    columns: list[ColumnClause[Any]] = [column("last_seq"), column("last_hash")]
    head = core.execute(select(*columns).select_from(table("audit_head"))).first()
    return ChainHead(seq=head[0], hash=head[1]) if head else ChainHead(seq=0, hash="")


def _streams(core: Connection) -> list[StreamHead]:
    names = ("id", "origin", "epoch", "destination", "lane", "last_seq", "last_hash", "closed_us")
    columns: list[ColumnClause[Any]] = [column(name) for name in names]
    found = core.execute(select(*columns).select_from(table("outbox_stream")).order_by("id"))
    return [_stream(row._mapping) for row in found]  # noqa: SLF001 - a Row's own interface


def _stream(row: Mapping[Any, Any]) -> StreamHead:
    return StreamHead(
        stream_id=row["id"],
        origin=row["origin"],
        epoch=row["epoch"],
        destination=row["destination"],
        lane=row["lane"],
        open=row["closed_us"] is None,
        last=ChainHead(seq=row["last_seq"], hash=row["last_hash"]),
    )


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file, mode 0600, that gets its name when its content is on disk, and is gone when the work fails."""
    if path.exists():
        raise Conflict("there is such a file already.", where=str(path), mend="Choose another name, or move it away.")
    ensure_folder(path.parent)
    _remove_abandoned(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb", 1 << 20) as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # others know by it that somebody still writes
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        sync_folder(path.parent)
    except BaseException as error:
        with suppress(OSError):  # a file system that may only be read refuses this as well
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise write_error(path, error) from error
        raise


def _remove_abandoned(folder: Path) -> None:
    """What backups that were killed have left here."""
    for file in folder.glob(".vedette-*.tmp"):
        with suppress(OSError), file.open("rb") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.unlink()
