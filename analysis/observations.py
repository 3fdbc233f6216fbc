"""What analysis saw: the table `observation`, its one writer per process, and the way consumers read on."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import Any, Literal

import structlog
from sqlalchemy import BigInteger, Engine, Index, Integer, String, func, insert, select, text
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.clock import SYSTEM_CLOCK, Clock
from foundation.database import ObservationsBase, OriginColumns, transaction
from foundation.identifiers import new_id

ObservationKind = Literal["motion", "line", "field", "tampering", "digital_input", "plate_read"]
_log = structlog.get_logger()
_PENDING_LIMIT = 10_000
# Advisory lock of PostgreSQL under which `seq` is given out: two writers would otherwise commit out of order, and a
# consumer that has seen the higher number would never come back for the lower.
_SEQ_LOCK = 0x76656465747465


class Observation(OriginColumns, ObservationsBase):
    __tablename__ = "observation"
    __table_args__ = (
        Index("ix_observation_camera_id_start_us", "camera_id", "start_us"),
        {"sqlite_autoincrement": True},  # a number is never given twice, not even after a purge of the last rows
    )

    id: Mapped[str] = mapped_column(String(36), unique=True, comment="UUIDv7")
    camera_id: Mapped[str] = mapped_column(String(36), comment="camera that saw it")
    kind: Mapped[str] = mapped_column(String(16), comment="motion or plate_read")
    start_us: Mapped[int] = mapped_column(comment="first moment seen, UTC microseconds")
    end_us: Mapped[int] = mapped_column(comment="last moment seen, UTC microseconds")
    detail: Mapped[dict[str, Any]] = mapped_column(
        comment="what the kind calls for; boxes are fractions of the picture"
    )
    created_us: Mapped[int] = mapped_column(comment="when the row was written, UTC microseconds")
    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
        comment="ascending in the order of commits within this store; consumers keep their cursor on it",
    )


def read_after(session: Session, seq: int, limit: int = 500) -> Sequence[Observation]:
    """The next observations after the cursor `seq`, oldest first."""
    return session.scalars(
        select(Observation).where(Observation.seq > seq).order_by(Observation.seq).limit(limit)
    ).all()


def last_seq(session: Session) -> int:
    """The cursor of a consumer that wants only what comes from now on."""
    return session.scalar(select(func.max(Observation.seq))) or 0


class ObservationWriter:
    """Commits what is added in batches, from a thread of its own, so that analysis never waits for the store.

    A store that cannot be written is tried again at every interval; beyond 10,000 pending rows the oldest is given up.
    """

    def __init__(self, engine: Engine, node: str, *, clock: Clock = SYSTEM_CLOCK, interval_s: float = 0.5) -> None:
        self._engine = engine
        self._node = node
        self._clock = clock
        self._interval_s = interval_s
        self._pending: deque[dict[str, Any]] = deque()
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="observation-writer", daemon=True)
        self.dropped = 0

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Write what is pending and end."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self.flush()

    def add(
        self, center_id: str, camera_id: str, kind: ObservationKind, start_us: int, end_us: int, detail: dict[str, Any]
    ) -> None:
        row = {
            "id": new_id(self._clock),
            "center_id": center_id,
            "node": self._node,
            "camera_id": camera_id,
            "kind": kind,
            "start_us": start_us,
            "end_us": end_us,
            "detail": detail,
        }
        with self._lock:
            if len(self._pending) >= _PENDING_LIMIT:
                self._pending.popleft()
                self.dropped += 1
            self._pending.append(row)

    def flush(self) -> int:
        """Commit what is pending now; returns how many rows that was."""
        with self._flushing:
            with self._lock:
                batch, self._pending = self._pending, deque()
            try:
                if batch:
                    self._commit(list(batch))
            except (DataError, IntegrityError):
                self._commit_each(batch)
            except SQLAlchemyError:
                self._put_back(batch)
                raise
            return len(batch)

    def _commit_each(self, batch: deque[dict[str, Any]]) -> None:
        """One row that the store will never take must not hold up the others: it alone is given up."""
        while batch:
            row = batch.popleft()
            try:
                self._commit([row])
            except (DataError, IntegrityError) as error:
                self.dropped += 1
                _log.error("observation_refused", camera_id=row["camera_id"], error=type(error).__name__)
            except SQLAlchemyError:
                batch.appendleft(row)
                self._put_back(batch)
                raise

    def _put_back(self, batch: deque[dict[str, Any]]) -> None:
        with self._lock:
            batch.extend(self._pending)
            self._pending = batch
            while len(self._pending) > _PENDING_LIMIT:
                self._pending.popleft()
                self.dropped += 1

    def _commit(self, batch: list[dict[str, Any]]) -> None:
        created_us = self._clock.now_us()
        with transaction(self._engine) as session:
            if self._engine.dialect.name == "postgresql":
                session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SEQ_LOCK})
            session.execute(insert(Observation), [row | {"created_us": created_us} for row in batch])

    def _run(self) -> None:
        while not self._stop.wait(self._interval_s):
            try:
                self.flush()
            except SQLAlchemyError as error:
                _log.warning("observations_not_written", pending=len(self._pending), error=type(error).__name__)
