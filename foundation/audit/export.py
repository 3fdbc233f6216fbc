"""The audit trail as a file for others: JSON Lines whose chain can be checked anywhere, or CSV for a spreadsheet.

A line of JSON is the canonical content that the hash covers, with `prev_hash` and `hash` beside it. The last line, the
trailer, tells what was asked for, how many entries there are, the head at that moment and the SHA-256 of all lines
before, under this center's signature. docs/design/0004-audit.md describes how to check one without Vedette.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any, Final, Literal

from sqlalchemy import Engine

from foundation.audit import search as audit_search
from foundation.audit.check import Head, time_of
from foundation.audit.search import AuditFilter, FoundEntry
from foundation.chain import canonical_json
from foundation.clock import to_iso
from foundation.database import reading
from foundation.scope import Scope
from foundation.signing import Signing
from foundation.spreadsheets import guarded

Format = Literal["jsonl", "csv"]
MEDIA_TYPES: Final[dict[Format, str]] = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
VERSION: Final = "vedette-audit-1"
PURPOSE: Final = "audit-export"
_BATCH = 1000  # entries in memory at a time
_CSV_COLUMNS: Final = (
    "seq",
    "time",
    "at_us",
    "center_id",
    "node",
    "actor",
    "action",
    "subject",
    "detail",
    "reason",
    "case_number",
    "id",
    "prev_hash",
    "hash",
)


@dataclass(frozen=True, slots=True)
class Export:
    """What to write. `head` is the entry that tells of this very export: nothing later is in the file."""

    core: Engine
    signing: Signing
    scope: Scope | None
    wanted: AuditFilter
    head: Head
    made_by: str
    made_us: int
    format: Format

    @property
    def file_name(self) -> str:
        day = to_iso(self.made_us)[:10]
        return f"audit-{day}-{self.head.seq}.{self.format}"

    def chunks(self) -> Iterator[bytes]:
        """The file, a batch at a time; nobody waits for whoever takes it, and little of it is in memory."""
        digest = hashlib.sha256()
        entries, first_seq, last_seq = 0, None, None
        write: Callable[[list[FoundEntry]], bytes] = _csv if self.format == "csv" else _json_lines
        if self.format == "csv":
            heading = "\ufeff".encode() + _csv_rows([_CSV_COLUMNS])  # the mark by which Excel knows UTF-8
            digest.update(heading)
            yield heading
        for batch in self._batches():
            chunk = write(batch)
            digest.update(chunk)
            entries += len(batch)
            first_seq, last_seq = first_seq or batch[0].seq, batch[-1].seq
            yield chunk
        yield self._trailer({"entries": entries, "first_seq": first_seq, "last_seq": last_seq}, digest.hexdigest())

    def _batches(self) -> Iterator[list[FoundEntry]]:
        with reading(self.core) as session:
            conditions = audit_search.conditions(session, self.scope, self.wanted)
        seq, up_to = 0, self.head.seq
        while True:
            with reading(self.core) as session:
                batch = audit_search.after(session, conditions, seq, up_to_seq=up_to, limit=_BATCH)
            if not batch:
                return
            yield batch
            seq = batch[-1].seq

    def _trailer(self, counted: dict[str, Any], digest: str) -> bytes:
        trailer = counted | {
            "format": VERSION,
            "filter": self.wanted.facts(),
            "centers": None if self.scope is None else sorted(self.scope),
            "head": {"seq": self.head.seq, "hash": self.head.hash},
            "made_by": self.made_by,
            "made_us": self.made_us,
            "sha256": digest,
        }
        signature = self.signing.sign(canonical_json(trailer), PURPOSE)
        line = canonical_json({"signature": signature, "trailer": trailer})
        return _csv_rows([["# " + line.decode()]]) if self.format == "csv" else line + b"\n"


def _json_lines(batch: list[FoundEntry]) -> bytes:
    return "".join(map(_json_line, batch)).encode("ascii", "backslashreplace")


def _json_line(entry: FoundEntry) -> str:
    """`canonical_json` of an entry's content and hashes, from the stored texts; of a damaged one, what can be told."""
    case = "" if entry.case_number is None else f'"case_number":{_quoted(entry.case_number)},'
    why = "" if entry.reason is None else f'"reason":{_quoted(entry.reason)},'
    try:
        return (
            f'{{"action":{_quoted(entry.action)},"actor":{_quoted(entry.actor)},"at_us":{entry.at_us:d},{case}'
            f'"center_id":{_quoted(entry.center_id)},"detail":{entry.detail_text},"hash":{_quoted(entry.hash)},'
            f'"id":{_quoted(entry.id)},"node":{_quoted(entry.node)},"prev_hash":{_quoted(entry.prev_hash)},{why}'
            f'"seq":{entry.seq:d},"subject":{_quoted(entry.subject)}}}\n'
        )
    except (TypeError, ValueError):
        return json.dumps({"damaged": entry._asdict()}, default=str) + "\n"


def _csv(batch: list[FoundEntry]) -> bytes:
    return _csv_rows([_csv_row(entry) for entry in batch])


def _csv_row(entry: FoundEntry) -> list[str]:
    values = entry._asdict() | {
        "time": time_of(entry.at_us),
        "detail": json.dumps(entry.detail, ensure_ascii=False),
    }
    return [guarded(values[name]) for name in _CSV_COLUMNS]


def _csv_rows(rows: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "backslashreplace")
