"""A center as schema 0001 had it, made by its migrations and plain SQL, since the code of that time is gone.

`python tests/old_center.py` writes the backup of it that the tests keep (tests/foundation/backups/schema-0001.tar).
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from foundation import migrations
from foundation.backup.shapes import STORES
from foundation.backup.writer import write_backup
from foundation.chain import chain_hash
from foundation.clock import ManualClock
from foundation.database import Stores, open_stores
from foundation.settings import Settings
from foundation.signing import Signing

CENTER, CAMERA = "0195c0de-0000-7000-8000-000000000001", "0195c0de-0000-7000-8000-000000000002"
ROLES = {"li": "viewer", "wang": "operator", "zhao": "supervisor"}
BORN = {"center_id": CENTER, "node": "node-1"}
T0 = 1_790_000_000_000_000
CREDENTIAL = "0195c0de00000000:AAAA"
KEPT = Path(__file__).parent / "foundation" / "backups" / "schema-0001.tar"


def make(stores: Stores) -> None:
    """Create schema 0001 in both stores, and fill it."""
    for name, engine in (("core", stores.core), ("observations", stores.observations)):
        with engine.begin() as connection:
            migrations.upgrade(STORES[name], connection, "0001")
            _fill_core(connection) if name == "core" else _fill_observations(connection)


def _fill_core(connection: Connection) -> None:
    _insert(
        connection, "center", id=CENTER, node="node-1", code="110000000000", name="示范站", level="city", created_us=T0
    )
    for n, (name, role) in enumerate(ROLES.items()):
        _insert(
            connection,
            "account",
            id=f"0195c0de-0000-7000-8000-00000000010{n}",
            username=name,
            display_name=name.title(),
            role=role,
            password_hash="$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA",
            password_state="own",
            password_us=T0,
            failures=0,
            locked_until_us=0,
            created_us=T0,
            **BORN,
        )
    session = {"token_hash": "ab" * 32, "account_id": "0195c0de-0000-7000-8000-000000000100"}
    _insert(connection, "account_session", **session, created_us=T0, expires_us=T0 * 2)
    _insert(
        connection, "camera", id=CAMERA, code="1", name="Gate", disabled=False, created_us=T0, updated_us=T0, **BORN
    )
    _insert(connection, "camera_stream", camera_id=CAMERA, name="main", url="rtsp://127.0.0.1/gate")
    _insert(
        connection,
        "credential",
        camera_id=CAMERA,
        username="u",
        password=CREDENTIAL,
        key_id=CREDENTIAL[:16],
        sealed_us=T0,
    )
    _insert(connection, "lease", name=f"stream:{CAMERA}/main", holder="node-1", fence=7, expires_us=T0)
    _insert(connection, "consumer_cursor", consumer="pipeline", position=5)
    _fill_audit(connection)
    _fill_outbox(connection)


def _fill_audit(connection: Connection) -> None:
    """As `foundation.audit` wrote it then: nine fields under the hash."""
    previous = ""
    for seq in range(1, 41):
        content = {
            "seq": seq,
            "id": f"0195c0de-0000-7000-8000-{seq:012}",
            **BORN,
            "at_us": T0 + seq,
            "actor": "cli:admin",
            "action": "cli:camera:change",
            "subject": CAMERA,
            "detail": {"changed": ["name"], "name": "南门·Gate", "n": seq},
        }
        digest = chain_hash(previous, content)
        row = content | {"detail": json.dumps(content["detail"])}
        _insert(connection, "audit_entry", **row, prev_hash=previous, hash=digest)
        previous = digest
    _insert(connection, "audit_head", chain="main", last_seq=40, last_hash=previous)


def _fill_outbox(connection: Connection) -> None:
    stream = "0195c0de-0000-7000-8000-000000000300"
    _insert(
        connection,
        "outbox_stream",
        id=stream,
        origin=CENTER,
        epoch="0195c0de-0000-7000-8000-000000000301",
        destination="console",
        lane="urgent",
        last_seq=0,
        last_hash="",
    )
    previous = ""
    for seq in range(1, 6):
        content = {
            "stream_id": stream,
            "seq": seq,
            "event_id": f"0195c0de-0000-7000-8000-{400 + seq:012}",
            "kind": "camera.changed",
            "body": {"n": seq, "name": "南门"},
            "created_us": T0 + seq,
        }
        digest = chain_hash(previous, content)
        row = content | {"body": json.dumps(content["body"])}
        _insert(connection, "outbox_event", **row, prev_hash=previous, hash=digest, acked=False)
        previous = digest
    connection.execute(text("UPDATE outbox_stream SET last_seq = 5, last_hash = :hash"), {"hash": previous})


def _fill_observations(connection: Connection) -> None:
    for n in range(1, 9):
        detail = {"plate": f"京A{n:05}", "plate_colour": "blue", "confidence": 0.9 + n / 1000}
        _insert(
            connection,
            "observation",
            id=f"0195c0de-0000-7000-8000-{500 + n:012}",
            camera_id=CAMERA,
            kind="plate_read",
            start_us=T0 + n,
            end_us=T0 + n + 1,
            detail=json.dumps(detail),
            created_us=T0 + n,
            **BORN,
        )


def _insert(connection: Connection, table: str, **row: Any) -> None:
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), row)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        stores = open_stores(settings)
        make(stores)
        signing = Signing.open(settings.key_dir)
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.unlink(missing_ok=True)
        write_backup(settings, stores, KEPT, signing, clock=ManualClock(T0 // 1_000_000 * 1_000_000))
        stores.dispose()
        sys.stdout.write(f"{KEPT}\nsigned by {signing.keys[0].fingerprint}\n")


if __name__ == "__main__":
    main()
