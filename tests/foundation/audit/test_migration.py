"""The trail that the version before wrote is whole afterwards, and what was meddled with before still shows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Connection, text

from foundation.audit.check import verify
from foundation.chain import chain_hash
from foundation.database import Stores
from foundation.migrations import CORE, migrate, upgrade

DETAILS: list[dict[str, Any]] = [{}, {"b": 1, "a": {"门": [1.5, None, True]}}, {"z": "x", "y": "ü"}, {"n": 2**60}]


@pytest.fixture
def old_stores(empty_stores: Stores) -> Stores:
    with empty_stores.core.begin() as connection:
        upgrade(CORE, connection, "0001")
        previous = ""
        for n, detail in enumerate(DETAILS, 1):
            previous = _write(connection, n, detail, previous)
        connection.execute(
            text("INSERT INTO audit_head (chain, last_seq, last_hash) VALUES ('main', :n, :hash)"),
            {"n": len(DETAILS), "hash": previous},
        )
    return empty_stores


def _write(connection: Connection, seq: int, detail: dict[str, Any], previous: str) -> str:
    """As schema 0001 did: the detail as the json module writes it, the hash over sorted keys."""
    content = {
        "seq": seq,
        "id": f"id-{seq}",
        "center_id": "center-1",
        "node": "node-1",
        "at_us": seq,
        "actor": "li",
        "action": "api:alert:read",
        "subject": "alert-1",
        "detail": detail,
    }
    own = chain_hash(previous, content)
    columns = ", ".join(content)
    values = ", ".join(f":{name}" if name != "detail" else _json(connection, ":detail") for name in content)
    connection.execute(
        text(f"INSERT INTO audit_entry ({columns}, prev_hash, hash) VALUES ({values}, :prev, :own)"),
        content | {"detail": json.dumps(detail), "prev": previous, "own": own},
    )
    return own


def _json(connection: Connection, value: str) -> str:
    return f"CAST({value} AS JSON)" if connection.dialect.name == "postgresql" else value


def test_an_old_trail_is_whole_after_the_migration(old_stores: Stores) -> None:
    migrate(old_stores)
    checked = verify(old_stores.core)
    assert (checked.fault, checked.entries) == (None, len(DETAILS))


@pytest.mark.parametrize(
    "meddled",
    ['{"z": "x", "y":  "\\u00fc"}', '{"z": "?", "y": "\\u00fc", "z": "x"}', '{"z": "x", "y": "u"}', '{"z": "x"}', "[]"],
)
def test_what_was_meddled_with_before_the_migration_shows(old_stores: Stores, meddled: str) -> None:
    with old_stores.core.begin() as connection:
        value = _json(connection, ":detail")
        connection.execute(text(f"UPDATE audit_entry SET detail = {value} WHERE seq = 3"), {"detail": meddled})
    migrate(old_stores)
    fault = verify(old_stores.core).fault
    assert fault is not None
    assert fault.seq == 3
