"""Indexes of the lists and of the reference databases, kept abreast of the store by one process of the center.

Each is a file that any process maps. A row that an import wrote bears the import's version, so what an index lacks is
what is newer than the version that it has reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Final

import structlog
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from foundation.database import reading
from foundation.errors import FileMissing, InvalidInput
from foundation.files import ensure_folder
from matching.center_index.sides import SIDES, TABLES, Side, index_path
from matching.index.building import Reference
from matching.index.store import Index, build_index
from matching.loading import raw_of, record_versions
from matching.models import RECORD_FIELDS

# Or a two hundredth of the file: each process normalises by itself what was added to it. With more beside it a file is
# built anew.
MOST_ADDED: Final = 2_000
_ROWS_AT_ONCE: Final = 2_000
_log = structlog.get_logger()


class IndexKeeper:
    """The one writer of a center's indexes on its machine."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = ensure_folder(folder)
        self._open: dict[Side, Index] = {}
        self._lock = Lock()

    def is_current(self) -> bool:
        """Whether both indexes have all that the store holds."""
        with reading(self._engine) as session:
            stored = record_versions(session)
        opened = [(side, self._open.get(side)) for side in SIDES]  # another thread may be opening them
        return all(index is not None and index.reached == stored.get(side, 0) for side, index in opened)

    def refresh(self) -> bool:
        """Bring both indexes to where the store is; True when there was something to do.

        Raises `Conflict` while another process writes one.
        """
        with self._lock:
            return sum(self._refresh(side) for side in SIDES) > 0

    def path(self, side: Side) -> Path:
        return index_path(self._folder, side)

    def _refresh(self, side: Side) -> bool:
        index = self._open.get(side) or self._opened(side)
        with reading(self._engine) as session:
            version = record_versions(session).get(side, 0)
            if index is not None and index.reached == version:
                return False
            lacking = _lacking(session, side, index, version)
        if index is None or lacking is None or index.added + lacking > _most_added(index):
            listing = {"side": side, "reached": version}
            records = build_index(self.path(side), self._rows(side), listing, lambda _: None)
            self._open[side] = Index(self.path(side))
            _log.info("record_index_built", side=side, records=records)
        else:
            index.add([it.raw for it in self._rows(side, index.reached)], version)
            _log.info("record_index_added", side=side, records=lacking)
        return True

    def _opened(self, side: Side) -> Index | None:
        """None where there is none yet; what this version cannot read is removed."""
        path = self.path(side)
        try:
            self._open[side] = Index(path, checked=True)
        except FileMissing:
            return None
        except InvalidInput as error:
            _log.warning("record_index_refused", side=side, error=str(error))
            path.unlink()
            return None
        return self._open[side]

    def _rows(self, side: Side, reached: int | None = None) -> Iterator[Reference]:
        """What was written since that version, or all. In short readings: building takes long, and imports go on.

        What they write meanwhile is newer than the version that was read before, and so will come once more.
        """
        table, last = TABLES[side], ""
        wanted = select(table.id, *(getattr(table, name) for name in RECORD_FIELDS))
        if reached is not None:
            wanted = wanted.where(table.imported_version > reached)
        while True:
            with reading(self._engine) as session:
                rows = session.execute(wanted.where(table.id > last).order_by(table.id).limit(_ROWS_AT_ONCE)).all()
            for row in rows:
                # By the row's own identifier: that of its source is unique in its list or database alone.
                raw = {name: str(value) for name, value in raw_of(row).items()}
                yield Reference({"record_id": row.id} | raw, 0)
            if len(rows) < _ROWS_AT_ONCE:
                return
            last = rows[-1].id


def _lacking(session: Session, side: Side, index: Index | None, version: int) -> int | None:
    """Rows that the index lacks; None where it is newer than the store, which was restored from a backup."""
    table = TABLES[side]
    if index is None or index.reached is None or index.reached > version:
        return None
    return session.scalar(select(func.count()).where(table.imported_version > index.reached))


def _most_added(index: Index) -> int:
    return max(MOST_ADDED, len(index.base) // 200)
