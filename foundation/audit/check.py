"""Is the audit trail what was written? One walk over its rows in the order of the chain.

The rows come from the driver as they lie in the table, and the bytes that the hash covers are put together from their
columns without parsing: the ORM and json took eight times as long (docs/design/0004-audit.md).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from json import loads
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any, Final

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from foundation.audit import CHAIN, AuditAction, AuditHead
from foundation.chain import START_HASH
from foundation.clock import to_iso
from foundation.database_faults import explain
from foundation.errors import InvalidInput

_COLUMNS: Final = (
    "seq, id, center_id, node, at_us, actor, action, subject, {detail}, reason, case_number, prev_hash, hash"
)
_FETCHED: Final = 2000  # rows at a time
_ROWS_A_TURN: Final = 500  # about 2 ms of the interpreter's time
_PAUSE_S: Final = 0.001
_LATEST_US: Final = 253_402_300_800_000_000  # the year 10000
_DAMAGE: Final = ("malformed", "could not decode", "disk i/o error")


@dataclass(frozen=True, slots=True, order=True)
class Head:
    """A place in the chain: the number of an entry and its hash."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}" if self.seq else "the start"

    @classmethod
    def parse(cls, noted: str) -> Head:
        """From `SEQ:HASH`, as `vedette audit head` prints it."""
        seq, _, digest = noted.strip().partition(":")
        is_number = seq.isascii() and seq.isdigit() and len(seq) <= 18
        if not (is_number and len(digest) == 64 and set(digest) <= set("0123456789abcdef")):
            raise InvalidInput("this is no head of the trail.", where=noted[:100], mend="Write SEQ:HASH, as noted.")
        return cls(int(seq), digest)


START: Final = Head(0, START_HASH)


@dataclass(frozen=True, slots=True)
class AuditFault:
    """Where the chain breaks, and how."""

    seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check found; `entries` are those that hold, from `anchor` on, and `head` is the last of them."""

    entries: int
    anchor: Head
    head: Head
    fault: AuditFault | None
    unknown: tuple[Head, ...] = ()  # noted heads of entries that retention has let go: nothing can be said of them


Row = Sequence[Any]


def row_hash(previous: str, row: Row) -> str | None:
    """The hash that a row must bear, from the text of its columns: `foundation.chain.chain_hash` of its content.

    None for a value that is not of its column's type: SQLite stores anything anywhere.
    """
    seq, id_, center_id, node, at_us, actor, action, subject, detail, reason, case_number, _, _ = row
    try:
        case = "" if case_number is None else f'"case_number":{_quoted(case_number)},'
        why = "" if reason is None else f'"reason":{_quoted(reason)},'
        return sha256(
            f'{previous}\n{{"action":{_quoted(action)},"actor":{_quoted(actor)},"at_us":{at_us:d},{case}'
            f'"center_id":{_quoted(center_id)},"detail":{detail},"id":{_quoted(id_)},"node":{_quoted(node)},{why}'
            f'"seq":{seq:d},"subject":{_quoted(subject)}}}'.encode()
        ).hexdigest()
    except (TypeError, ValueError):
        return None


@dataclass(slots=True)
class Walk:
    """Goes along the chain from `anchor`, and stops at the first entry that does not belong there."""

    anchor: Head
    noted: Sequence[Head] = ()
    seq: int = field(init=False)
    hash: str = field(init=False)
    purge: Row | None = None  # the newest entry that tells of a purge
    agreeing: list[Head] = field(default_factory=list)
    differing: list[Head] = field(default_factory=list)
    times_us: dict[int, int] = field(default_factory=dict)  # of the noted entries and those after them

    def __post_init__(self) -> None:
        self.seq, self.hash = self.anchor.seq, self.anchor.hash
        self._compare(self.anchor)

    @property
    def entries(self) -> int:
        return self.seq - self.anchor.seq

    def follow(self, rows: Iterable[Row]) -> AuditFault | None:
        """Where the rows break the chain; as far as they hold, they are behind us."""
        noted = {head.seq for head in self.noted}
        purge = str(AuditAction.RETENTION_AUDIT_PURGE)
        seq, previous = self.seq, self.hash
        try:
            for row in rows:
                if row[0] != seq + 1:
                    return _misplaced(seq + 1, row)
                own = row_hash(previous, row)
                if row[11] != previous or own is None or row[12] != own:
                    return _changed(seq + 1, row)
                seq, previous = row[0], row[12]
                if row[6] == purge:
                    self.purge = row
                if noted and not noted.isdisjoint((seq, seq - 1)):
                    self.times_us[seq] = row[4]
                    self._compare(Head(seq, previous))
        finally:
            self.seq, self.hash = seq, previous
        return None

    def _compare(self, found: Head) -> None:
        for head in self.noted:
            if head.seq == found.seq:
                (self.agreeing if head == found else self.differing).append(head)


def _misplaced(expected: int, row: Row) -> AuditFault:
    if isinstance(row[0], int) and row[0] < expected:
        return AuditFault(row[0], f"entry {row[0]} is there, but should not be: {expected} comes next")
    return AuditFault(expected, f"entry {expected} is missing")


def _changed(number: int, row: Row) -> AuditFault:
    if row[12] == row_hash(row[11], row):
        return AuditFault(number, f"entry {number} does not follow from what comes before it")
    return AuditFault(number, f"entry {number} was changed after it was written")


def verify(place: Engine | Session, noted: Sequence[Head] = (), *, is_gentle: bool = False) -> Verification:
    """Check all entries, the head and the anchor; memory is bounded, whatever the length of the trail.

    Of an engine in one consistent view, which keeps nobody from writing; of a session as its transaction sees it.
    `noted` are heads that were written down elsewhere: whoever can write the whole database can forge all of the
    chain, but not what others hold. `is_gentle` makes way for the other threads of this process, and takes longer.
    """
    with _view(place) as connection:
        head, anchor = heads(connection)
        walk = Walk(anchor, noted)
        with _rows(connection) as rows:
            fault = _followed(walk, _with_pauses(rows) if is_gentle else rows, connection)
    fault = fault or _end(walk, head) or _purged(walk, anchor) or _witnessed(walk)
    unknown = tuple(one for one in noted if one.seq < anchor.seq)
    return Verification(walk.entries, anchor, Head(walk.seq, walk.hash), fault, unknown)


def _with_pauses(rows: Iterable[Row]) -> Iterator[Row]:
    for number, row in enumerate(rows):
        if number % _ROWS_A_TURN == 0:
            time.sleep(_PAUSE_S)
        yield row


def heads(connection: Connection) -> tuple[Head, Head]:
    """What the head row says: the newest entry, and the newest that retention let go."""
    columns = (AuditHead.last_seq, AuditHead.last_hash, AuditHead.purged_seq, AuditHead.purged_hash)
    row = connection.execute(select(*columns).where(AuditHead.chain == CHAIN)).one_or_none()
    return (START, START) if row is None else (Head(row[0], row[1]), Head(row[2], row[3]))


def _followed(walk: Walk, rows: Iterable[Row], connection: Connection) -> AuditFault | None:
    try:
        return walk.follow(rows)
    except connection.dialect.loaded_dbapi.Error as error:
        if any(word in str(error).lower() for word in _DAMAGE):
            return AuditFault(walk.seq + 1, f"entry {walk.seq + 1} cannot be read: the database is damaged")
        raise explain(DBAPIError(None, None, error), connection.engine.url) from error


def _end(walk: Walk, head: Head) -> AuditFault | None:
    if walk.seq < head.seq:
        missing = walk.seq + 1
        return AuditFault(missing, f"the chain ends before entry {missing}, and {head.seq} were written")
    if walk.seq > head.seq:
        surplus = max(head.seq, walk.anchor.seq) + 1
        return AuditFault(surplus, f"entry {surplus} is there, but only {head.seq} were written")
    if walk.hash != head.hash:
        return AuditFault(head.seq, f"entry {head.seq} is not the one that was written last")
    return None


def _purged(walk: Walk, anchor: Head) -> AuditFault | None:
    """Entries may be absent at the start only as the newest purge, itself an entry, says."""
    told = START if walk.purge is None else _let_go(walk.purge)
    if told is None and walk.purge is not None:
        return AuditFault(walk.purge[0], f"entry {walk.purge[0]} tells of a purge, and not of which entries")
    if told is None or told == anchor:
        return None
    first = min(told.seq, anchor.seq) + 1
    return AuditFault(first, f"the chain begins after {anchor}, but retention let go up to {told}")


def _let_go(purge: Row) -> Head | None:
    """The last entry that a purge let go; a forger may have written anything there."""
    try:
        detail = loads(purge[8])
        return Head(int(detail["last_seq"]), str(detail["last_hash"]))
    except (KeyError, RecursionError, TypeError, ValueError):
        return None


def _witnessed(walk: Walk) -> AuditFault | None:
    """Compare with the heads noted elsewhere: between one that agrees and one that does not lies a forgery."""
    if walk.differing:
        forged = min(walk.differing)
        return _forged(walk, max((one for one in walk.agreeing if one.seq < forged.seq), default=None), forged)
    cut_off = max((one.seq for one in walk.noted), default=0)
    if cut_off > walk.seq:
        missing = walk.seq + 1
        return AuditFault(
            missing, f"the chain was cut off before entry {missing}: the head of entry {cut_off} was noted"
        )
    return None


def _forged(walk: Walk, sound: Head | None, forged: Head) -> AuditFault:
    found = f"entry {forged.seq} is not the one that was noted"
    if sound is None:
        return AuditFault(walk.anchor.seq + 1, f"{found}: all entries up to it may be forged")
    first = sound.seq + 1
    since = f"entry {first} of {time_of(walk.times_us[first])}"
    return AuditFault(
        first,
        f"{found}, entry {sound.seq} is: the trail is forged from some entry after it on, {since} at the earliest",
    )


def time_of(us: object) -> str:
    """The time of an entry for people; whoever forged it may have written anything."""
    return to_iso(us) if isinstance(us, int) and 0 <= us < _LATEST_US else "an unknown time"


@contextmanager
def _view(place: Engine | Session) -> Iterator[Connection]:
    if isinstance(place, Session):
        place.flush()
        yield place.connection()
        return
    options: dict[str, Any] = {"read_only": True}
    if place.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with place.connect().execution_options(**options) as connection:
        yield connection


@contextmanager
def _rows(connection: Connection) -> Iterator[Iterator[Row]]:
    """All rows of the trail as the driver gives them, some thousand at a time."""
    driver: Any = connection.connection.driver_connection
    query = f"{rows_query(connection)} ORDER BY seq"
    if connection.dialect.name == "postgresql":
        with driver.cursor(name="audit_walk") as cursor:
            cursor.itersize = _FETCHED
            cursor.execute(query)
            yield iter(cursor)
    else:
        with closing(driver.cursor()) as cursor:
            yield cursor.execute(query)


def rows_query(connection: Connection) -> str:
    """SELECT of what `row_hash` takes, and the two hashes, with the detail as the text that is stored."""
    detail = "CAST(detail AS TEXT)" if connection.dialect.name == "postgresql" else "detail"
    return f"SELECT {_COLUMNS.format(detail=detail)} FROM audit_entry"  # noqa: S608 - one of two columns
