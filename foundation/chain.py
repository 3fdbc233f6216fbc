"""What the outbox and the audit trail share: canonical JSON, the hash that ties a row to the one before it, and one
writer at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

START_HASH = ""
_CHAIN_LOCK = 0x7665_6465  # "vede": the key of PostgreSQL's advisory lock


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """The same bytes for equal values, whatever the order of keys: sorted, without spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


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
