"""What it costs to bring a table of cameras into the registry: CPU time and memory, by the number of its rows.

    python -m benchmarks.camera_import
    python -m benchmarks.camera_import --rows 1000,10000,50000

Each row has every column that technicians keep, a position and a login. The table is imported into an empty registry,
and then once more, which changes nothing: what the morning after costs. Each import is a process of its own, as
`vedette cameras import` is. The peer is what the same file costs without a registry: reading it with `csv`, and storing
its cells with one SQLite statement.
"""

from __future__ import annotations

import argparse
import csv
import json
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks._measured import Cost, measured

GOAL_GROWTH = 1.5  # of memory, from the smallest table to the largest
COLUMNS = (
    "code", "name", "maker", "model", "latitude", "longitude", "main_url", "sub_url", "username", "password",
    "serial", "firmware", "mac", "address", "height_m", "azimuth_deg", "tilt_deg", "fov_deg", "range_m", "watched_area",
    "type", "owner", "managing_unit", "contact", "installed_on", "purpose", "purpose_review_on", "sign_evidence",
)  # fmt: skip
_IMPORT = "from control_center.cli import main; main()"


def write_table(file: Path, rows: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(COLUMNS)
        writer.writerows(_row(number) for number in range(rows))


def _row(number: int) -> tuple[object, ...]:
    host = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return (
        f"C{number:06}", f"{number} 号路口", "Maker", "Model 7", 31.2 + number * 1e-5, 121.4 + number * 1e-5,
        f"rtsp://{host}/main", f"rtsp://{host}/sub", "viewer", f"secret-{number}",
        f"SN{number:09}", "5.7.3", f"02:00:5e:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}",
        "人民路 1 号", 6.5, number % 360, 12, 90, 80, "crossing", "bullet", "city", "unit 3", "13800000000",
        "2026-01-31", "traffic", "2027-01-31", "sign at the pole",
    )  # fmt: skip


def run(command: list[str], folder: Path) -> Cost:
    setting = f"VEDETTE_DATA_DIR={folder / 'data'}"
    return measured(["/usr/bin/env", setting, *command], folder / "said.txt")


def peer(table: Path, folder: Path) -> float:
    begun_s = time.process_time()
    with closing(sqlite3.connect(folder / "peer.sqlite3")) as connection, table.open(newline="") as opened:
        rows = csv.reader(opened)
        connection.execute(f"CREATE TABLE camera ({', '.join(next(rows))})")
        connection.executemany(f"INSERT INTO camera VALUES ({', '.join('?' * len(COLUMNS))})", rows)
        connection.commit()
    return time.process_time() - begun_s


def measure(rows: int, folder: Path) -> dict[str, float]:
    table = folder / "cameras.csv"
    write_table(table, rows)
    command = [sys.executable, "-c", _IMPORT, "cameras", "import", str(table)]
    first, again = run(command, folder), run(command, folder)
    return {
        "first_cpu_s": first.cpu_s,
        "first_mib": first.peak_mib,
        "again_cpu_s": again.cpu_s,
        "again_mib": again.peak_mib,
        "peer_cpu_s": peer(table, folder),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="1000,10000", help="numbers of rows, ascending")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    found: dict[int, dict[str, float]] = {}
    for rows in map(int, arguments.rows.split(",")):
        with tempfile.TemporaryDirectory(prefix="vedette-import-") as folder:
            found[rows] = measure(rows, Path(folder))
    least, most = min(found), max(found)
    growth = found[most]["first_mib"] / found[least]["first_mib"]
    if arguments.json:
        print(json.dumps({"rows": found, "growth": growth}))
        return int(growth > GOAL_GROWTH)
    print(f"{'rows':>7} {'first':>9} {'peak':>9} {'again':>9} {'peak':>9} {'csv + sqlite':>13}")
    for rows, costs in found.items():
        print(
            f"{rows:>7} {costs['first_cpu_s']:>7.2f} s {costs['first_mib']:>5.0f} MiB {costs['again_cpu_s']:>7.2f} s"
            f" {costs['again_mib']:>5.0f} MiB {costs['peer_cpu_s']:>11.2f} s"
        )
    print(f"memory, {most} rows against {least}: {growth:.2f} x (goal: at most {GOAL_GROWTH} x)")
    return int(growth > GOAL_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
