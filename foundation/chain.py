"""What the outbox and the audit trail share: canonical JSON, the hash that ties a row to the one before it, and one
writer at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import JSON, Dialect, text
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

START_HASH = ""
_CHAIN_LOCK = 0x7665_6465  # "vede": the key of PostgreSQL's advisory lock


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """The same bytes for equal values, whatever the order of keys: sorted, without spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


class CanonicalJson(TypeDecorator[dict[str, Any]]):
    """A JSON column whose text is the one that the hash covers, so that a check need not parse it, and sees a change
    that parses equal: a doubled key, a space."""

    impl = JSON
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[dict[str, Any] | None], str | None]:
        return lambda value: None if value is None else canonical_json(value).decode()

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        return self.impl_instance.coerce_compared_value(op, value)


def chain_hash(previous: str, content: Mapping[str, Any]) -> str:
    """SHA-256 in hex over the hash before and the row's own content."""
    return hashlib.sha256(previous.encode() + b"\n" + canonical_json(content)).hexdigest()


def one_writer(session: Session) -> None:
    """Let one transaction at a time append, until it ends.

    Taken before any row of a chain, so that transactions which append to several chains in different orders do not
    wait for each other in a ring. SQLite has one writer anyway.
    """
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})


def insert_for(session: Session) -> Any:
    """The dialect's `insert`, which knows ON CONFLICT."""
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    return insert
