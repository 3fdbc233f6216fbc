"""What a check of the audit trail costs: CPU seconds for a million entries, beside the goal and the way before.

    python -m benchmarks.audit --rows 1000000 --postgresql postgresql://user@host/empty_database

The entries are like those of a center at work. Only this process' CPU time is counted; with PostgreSQL, its server
works as well. The peer is what Vedette did before, and what comes to mind first: an ORM object an entry, its canonical
JSON made anew. It walks a part of the same trail, and is scaled up.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, select

from foundation.audit import CHAIN, AuditAction, AuditEntry, AuditHead
from foundation.audit.check import verify
from foundation.chain import canonical_json, chain_hash
from foundation.clock import ManualClock
from foundation.database import CoreBase, open_engine, reading
from foundation.identifiers import new_id
from foundation.migrations import import_models

GOAL_S = 10.0
PEER_ROWS = 50_000
_BATCH = 5000
_ACTIONS = (
    AuditAction.API_ALERT_READ,
    AuditAction.MEDIA_LIVE_WATCH,
    AuditAction.API_CLIP_LEAVE,
    AuditAction.API_SESSION_OPEN,
    AuditAction.PIPELINE_ALERT_CREATE,
)


def make_entries(count: int) -> Iterator[dict[str, Any]]:
    """A chain of entries, a second apart."""
    clock = ManualClock()
    center = new_id(clock)
    cameras = [new_id(clock) for _ in range(200)]
    previous = ""
    for seq in range(1, count + 1):
        clock.advance(1)
        action = _ACTIONS[seq % len(_ACTIONS)]
        content: dict[str, Any] = {
            "seq": seq,
            "id": new_id(clock),
            "center_id": center,
            "node": "node-1",
            "at_us": clock.now_us(),
            "actor": f"officer-{seq % 41}",
            "action": str(action),
            "subject": cameras[seq % 199],
            "detail": {"camera_id": cameras[seq % 199], "stream": "main", "from_us": seq, "to_us": None},
        }
        if action == AuditAction.API_CLIP_LEAVE:
            content |= {"reason": "盗窃案，西门，夜间", "case_number": f"A110101{seq:08d}"}
        own = chain_hash(previous, content)
        yield {"reason": None, "case_number": None} | content | {"prev_hash": previous, "hash": own}
        previous = own


def fill(core: Engine, count: int) -> None:
    import_models()
    CoreBase.metadata.create_all(core)
    batch: list[dict[str, Any]] = []
    last: dict[str, Any] = {}
    for entry in make_entries(count):
        last = entry
        batch.append(entry)
        if len(batch) == _BATCH:
            _store(core, batch)
            batch = []
    _store(core, batch)
    head = {"chain": CHAIN, "last_seq": last["seq"], "last_hash": last["hash"], "purged_seq": 0, "purged_hash": ""}
    with core.begin() as connection:
        connection.execute(insert(AuditHead), [head])


def _store(core: Engine, batch: list[dict[str, Any]]) -> None:
    if not batch:
        return
    with core.begin() as connection:
        if core.dialect.name == "postgresql":
            _copy(connection.connection.driver_connection, batch)
        else:
            connection.execute(insert(AuditEntry), batch)


def _copy(driver: Any, batch: list[dict[str, Any]]) -> None:
    """INSERT takes PostgreSQL minutes."""
    columns = ", ".join(batch[0])
    with driver.cursor() as cursor, cursor.copy(f"COPY audit_entry ({columns}) FROM STDIN") as copy:
        for entry in batch:
            copy.write_row((entry | {"detail": canonical_json(entry["detail"]).decode()}).values())


def cpu_s(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def check(core: Engine, count: int) -> None:
    checked = verify(core)
    if checked.fault is not None or checked.entries != count:
        raise SystemExit(f"the check is wrong: {checked}")


def check_by_orm(core: Engine) -> None:
    """The way before."""
    query = select(AuditEntry).order_by(AuditEntry.seq).limit(PEER_ROWS)
    previous = ""
    with reading(core) as session:
        for entry in session.scalars(query.execution_options(yield_per=500, populate_existing=True)):
            if (entry.prev_hash, entry.hash) != (previous, chain_hash(previous, entry.content())):
                raise SystemExit("the peer is wrong")
            previous = entry.hash


def hash_alone(count: int) -> None:
    """The floor: SHA-256 over as many texts of an entry's length."""
    entry = b"x" * 520
    for _ in range(count):
        hashlib.sha256(entry).hexdigest()


def measure(name: str, core: Engine, count: int) -> bool:
    fill(core, count)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    spent = cpu_s(lambda: check(core, count))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    peer = cpu_s(lambda: check_by_orm(core)) * count / min(count, PEER_ROWS)
    goal = GOAL_S * count / 1_000_000
    walked = min(count, PEER_ROWS)
    print(f"{name}: check of {count:,} entries")
    print(f"  Vedette            {spent:6.2f} s of CPU (goal {goal:g} s), {grown:.0f} MiB of memory")
    print(f"  one ORM object each{peer:6.2f} s (over {walked:,}, scaled): {peer / spent:.1f} times as much")
    return spent <= goal


@contextmanager
def sqlite() -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as folder:
        core = open_engine(f"sqlite:///{Path(folder) / 'core.sqlite3'}", synchronous="OFF")
        yield core
        core.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--postgresql", metavar="URL", help="an empty database")
    options = parser.parse_args()
    with sqlite() as core:
        reached = measure("SQLite", core, options.rows)
    if options.postgresql:
        core = open_engine(options.postgresql.replace("postgresql://", "postgresql+psycopg://", 1))
        reached &= measure("PostgreSQL", core, options.rows)
        core.dispose()
    print(f"SHA-256 alone        {cpu_s(lambda: hash_alone(options.rows)):6.2f} s")
    sys.exit(0 if reached else 1)


if __name__ == "__main__":
    main()
