"""What a backup says of itself: in front what is known at the start, at the end what was counted, signed."""

from __future__ import annotations

import json
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from foundation.backup.shapes import STORES, Field, Kind, Shape
from foundation.errors import InvalidInput, NewerDatabase

FORMAT = 1
FIRST = "vedette-backup.json"
LAST = "manifest.json"
SIGNATURE = "manifest.sig"
PURPOSE = "backup"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def to_bytes(self) -> bytes:
        return self.model_dump_json(indent=1).encode() + b"\n"


_P = TypeVar("_P", bound=_Part)


class Start(_Part):
    """Stands in front, so that a backup of a newer version is known before it is read through."""

    format: int
    vedette: str  # version that wrote it
    created_us: int
    center_code: str
    center_name: str
    node: str
    revisions: dict[str, str]  # schema revision by store
    sealed_under: dict[str, int]  # sealed secrets by the id of the key that opens them


class Column(_Part):
    name: str
    kind: str


class TableContent(_Part):
    store: str
    table: str
    columns: list[Column]
    rows: int
    bytes: int  # before compression
    sha256: str  # over its chunks, before compression, in order


class ChainHead(_Part):
    seq: int
    hash: str


class StreamHead(_Part):
    stream_id: str
    origin: str
    epoch: str
    destination: str
    lane: str
    open: bool
    last: ChainHead


class Manifest(_Part):
    start: Start
    tables: list[TableContent]
    last_numbers: dict[str, int]  # newest number given, by table that the database numbers
    audit_head: ChainHead
    streams: list[StreamHead]
    public_key: str  # hex; the signature beside is its owner's
    before_sha256: str  # over all bytes of the archive before this member

    @property
    def rows(self) -> int:
        return sum(content.rows for content in self.tables)


def parse_start(data: bytes, where: str) -> Start:
    _refuse_newer_format(data, where)
    start = _parse(Start, data, where, FIRST)
    if set(start.revisions) != set(STORES):
        raise InvalidInput(f"{FIRST} does not name the two stores.", where=where)
    for store, revision in start.revisions.items():
        if not STORES[store].knows(revision):
            raise NewerDatabase(
                f"this backup is of schema {store} {revision}, which a newer Vedette ({start.vedette}) wrote.",
                where=where,
                mend=f"Install Vedette {start.vedette} or newer.",
            )
    return start


def _refuse_newer_format(data: bytes, where: str) -> None:
    """Before the rest is looked at, which may well look otherwise there."""
    try:
        found = json.loads(data)
        newer, version = found["format"] > FORMAT, found.get("vedette")
    except (ValueError, KeyError, TypeError, AttributeError):
        return  # the caller says what is wrong
    if newer:
        raise NewerDatabase(
            f"this backup has format {found['format']}, and this version of Vedette knows {FORMAT}.",
            where=where,
            mend=f"Install Vedette {version} or newer.",
        )


def parse_manifest(data: bytes, where: str) -> Manifest:
    return _parse(Manifest, data, where, LAST)


def content_of(shape: Shape, rows: int, size: int, sha256: str) -> TableContent:
    columns = [Column(name=field.name, kind=str(field.kind)) for field in shape.fields]
    return TableContent(store=shape.store, table=shape.table, columns=columns, rows=rows, bytes=size, sha256=sha256)


def is_of(content: TableContent, shape: Shape) -> bool:
    """Whether the content has the columns that the migrations give this table, in the same order."""
    columns = tuple(Field(column.name, Kind(column.kind)) for column in content.columns if column.kind in set(Kind))
    return (content.store, content.table, columns) == (shape.store, shape.table, shape.fields)


def _parse(part: type[_P], data: bytes, where: str, name: str) -> _P:
    try:
        return part.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise InvalidInput(f"{name} does not hold: {place}: {first['msg']}.", where=where) from error
