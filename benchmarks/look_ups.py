"""What a single look-up costs while somebody waits: the query by itself, and over HTTP beside an empty route.

    python -m benchmarks.look_ups
    python -m benchmarks.look_ups --references 1000000 --folder /big/disk

A center whose database of wanted persons holds invented people; an analyst looks up records about some of them, altered
as clerks alter, and about people who are in no list. The server is a child, and only its CPU time counts. *Query*
is reading the record, weighing the candidates, and explaining the likely ones as the store has them; over HTTP come
session, rights, audit trail and JSON. An *audited* route is one that shows an alert, whose reading is noted as well.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from sqlalchemy import Engine, insert, select

from benchmarks import _linkage_people as people
from benchmarks._api_center import sessions_for, stock
from benchmarks.api import EMPTY, Client, Server, vedette
from control_center.alerts.models import Alert
from control_center.identity.roles import Role
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_stores, reading, reading_rows, transaction
from foundation.identifiers import Origin, new_id
from foundation.scope import Scope
from foundation.settings import Settings
from matching.catalogue import load_catalogue
from matching.center_index.keeping import IndexKeeper
from matching.comparison import compare_all
from matching.lists import import_list
from matching.look_ups.asked import COLUMNS, asked
from matching.look_ups.looking_up import RecordLookUps
from matching.models import RECORD_FIELDS, RecordVersion, ReferenceRecord

SEED = 20261202
GOAL_EMPTY = 2.0  # routes' worth of CPU beside the query
WARM = 100
ROWS_AT_ONCE = 5_000
LISTING = {
    "ground": "arrest_warrant",
    "issuer": "示范市公安局",
    "instrument": "M-1",
    "issued_on": "2026-01-01",
    "action": "核实身份",
    "review_on": "2029-12-31",
    "expires_on": "2029-12-31",
}
Raw = dict[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--references", type=int, default=200_000)
    parser.add_argument("--look-ups", type=int, default=1_000)
    parser.add_argument("--folder", type=Path, help="where the center lies; it stays there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        records = filled(folder, options.references, options.look_ups + WARM)
        print(f"{options.references} references, {len(records) - WARM} look-ups")
        comparisons(folder, records[WARM:])
        query_us, shown = alone(folder, records)
        reached = over_http(folder, records, query_us)
        print(f"  candidates that were shown, of at most 20: {shown:.1f}")
    sys.exit(not reached)


def filled(folder: Path, references: int, look_ups: int) -> list[Raw]:
    """A center with the references, indexed; and the records to look up."""
    asked_file, known, _ = people.write(folder, max(look_ups, references // 100), references, SEED)
    if not (folder / "core.sqlite3").exists():
        city = stock(folder)[0]
        settings = Settings(data_dir=folder)
        stores = open_stores(settings)
        for rows in chunks(known, city):
            with transaction(stores.core) as session:
                session.execute(insert(ReferenceRecord), rows)
        with transaction(stores.core) as session:
            session.add(RecordVersion(name="references", version=1))
        begun = time.process_time()
        IndexKeeper(stores.core, settings.index_dir).refresh()
        print(f"indexing, out of the store: {time.process_time() - begun:.1f} CPU s")
        stores.dispose()
    with asked_file.open(newline="", encoding="utf-8") as file:
        rows = ({name: row[name] for name in COLUMNS if row.get(name)} for row in csv.DictReader(file))
        return list(islice(rows, look_ups))


def chunks(known: Path, center_id: str) -> Iterator[list[dict[str, object]]]:
    stamp = {"center_id": center_id, "node": "node-1", "database": "wanted_persons", "imported_us": 0}
    with known.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        while chunk := list(islice(rows, ROWS_AT_ONCE)):
            yield [
                {name: row.get(name) or None for name in RECORD_FIELDS}
                | {"id": new_id(SYSTEM_CLOCK), "source_record": row["record_id"], "imported_version": 1, **stamp}
                for row in chunk
            ]


def comparisons(folder: Path, records: Sequence[Raw]) -> None:
    """The 24 of a center that lists these people, from the second run on: the first loads what is loaded late."""
    stores, catalogue = open_stores(Settings(data_dir=folder)), load_catalogue()
    with reading(stores.core) as session:
        city = Origin(session.scalars(select(ReferenceRecord.center_id)).first() or "", "node-1")
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "listed.csv"
        with file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, ("record_id", *COLUMNS, *LISTING))
            writer.writeheader()
            writer.writerows({"record_id": f"L-{at}", **record, **LISTING} for at, record in enumerate(records))
        stamp = {"origin": city, "clock": SYSTEM_CLOCK, "actor": "benchmark", "partial": True}
        report = import_list(stores.core, catalogue, "wanted", file, **stamp)
    keeper = IndexKeeper(stores.core, Settings(data_dir=folder).index_dir)
    for _ in range(2):
        begun = time.process_time()
        runs = compare_all(stores.core, catalogue, city, SYSTEM_CLOCK, keeper)
        spent_s = time.process_time() - begun
    listed = max(1, report.added + report.unchanged)
    print(f"  24 comparisons of {listed} listed people: {1e6 * spent_s / listed:.0f} µs of CPU each")
    print(f"    {sum(run.pairs for run in runs)} pairs, {sum(run.hits for run in runs)} hits")
    stores.dispose()


def alone(folder: Path, records: Sequence[Raw]) -> tuple[float, float]:
    """CPU microseconds of a query at the mean, and how many candidates it showed."""
    settings = Settings(data_dir=folder)
    core = open_stores(settings).core
    look_ups = RecordLookUps(settings.index_dir, load_catalogue(), SYSTEM_CLOCK)
    scope, used, shown = everything(core), [], 0
    for record in records:
        begun = time.process_time()
        with reading_rows(core) as rows:
            shown += len(look_ups.look_up(rows, scope, asked(record), 20).candidates)
        used.append(1e6 * (time.process_time() - begun))
    each = np.array(used[WARM:])
    p50, p99 = np.percentile(each, (50, 99))
    print(f"  query: {each.mean():.0f} µs of CPU, p50 {p50:.0f}, p99 {p99:.0f}")
    return float(each.mean()), shown / len(records)


def everything(core: Engine) -> Scope:
    with reading(core) as session:
        return Scope(session.scalars(select(ReferenceRecord.center_id).distinct()))


def over_http(folder: Path, records: Sequence[Raw], query_us: float) -> bool:
    why = {"reason": "measured", "case_number": "A1101010100002026110001"}
    bodies = [json.dumps({"record": record, **why}).encode() for record in records]
    headers = {"Cookie": sessions_for(folder, 1, Role.ANALYST)[0], "X-Vedette": "1", "Content-Type": "application/json"}
    with reading(open_stores(Settings(data_dir=folder)).core) as session:
        alert = session.scalars(select(Alert.id)).first()
    server = Server(vedette, folder)
    try:
        empty = spent_us(server, headers, "GET", EMPTY.path, [b""] * len(bodies))
        audited = spent_us(server, headers, "GET", f"/api/v1/alerts/{alert}", [b""] * len(bodies))
        looked_up = spent_us(server, headers, "POST", "/api/v1/look-ups", bodies)
    finally:
        server.end()
    over = (looked_up - query_us) / empty
    print(f"  empty route {empty:.0f} µs; an audited one {audited:.0f} µs")
    print(f"  over HTTP {looked_up:.0f} µs: the query and {over:.1f} empty routes (goal {GOAL_EMPTY:.0f})")
    print(f"    or the query and {(looked_up - query_us) / audited:.2f} audited ones")
    return over <= GOAL_EMPTY


def spent_us(server: Server, headers: dict[str, str], method: str, path: str, bodies: Sequence[bytes]) -> float:
    """CPU microseconds of the server a request, at the mean, on one connection."""
    client, before_s = Client(server.port), 0.0
    for at, body in enumerate(bodies):
        if at == WARM:
            before_s = server.cpu_s()
        client.ask(path, headers, method, body)
        status, _, content = client.answer()
        assert status == 200, content
    each = 1e6 * (server.cpu_s() - before_s) / (len(bodies) - WARM)
    client.socket.close()
    return each


if __name__ == "__main__":
    main()
