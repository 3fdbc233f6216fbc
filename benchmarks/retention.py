"""What a round of purging costs, as a disk holds ever more and 10,000 spans of it are held: CPU time.

    python -m benchmarks.retention
    python -m benchmarks.retention --rows 1000000,5000000

600 cameras with a segment a minute. The oldest third of the footage is held whole, besides 10,000 holds of two minutes
anywhere: what a purge of the oldest has to get past. The peer is the plain statement: by age, without what a hold
overlaps. Files are not there, so that removing them costs next to nothing.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks._index_rows import FIRST_US, SEGMENT_US, camera_id, fill
from foundation.clock import US_PER_S, ManualClock
from ingest.footage.disk import Disk
from ingest.footage.holds import Holds, HoldsFile
from ingest.footage.index_writer import IndexWriter
from ingest.footage.retention import Retention
from ingest.footage.retention_policy import RetentionPolicy

CAMERAS = 600
HOLDS = 10_000
SEGMENT_BYTES = 22_500_000
GOAL_MS = 50.0  # of a quiet round: one per cent of a core, in the five seconds that it has
GOAL_GROWTH = 1.5  # of that, from the smallest index to the largest
ROUNDS = 5
PURGED = 600  # segments in a round that makes room: a minute's worth
_BY_AGE = """
SELECT path FROM segment WHERE complete = 1 AND NOT EXISTS (
    SELECT 1 FROM temp.hold WHERE hold.camera_id = segment.camera_id
       AND hold.start_us < segment.start_us + segment.duration_us AND hold.end_us > segment.start_us)
ORDER BY start_us LIMIT ?
"""


class Room(Disk):
    """A disk with as much room as is wanted."""

    free = 1 << 50

    def free_bytes(self) -> int:
        return self.free


def make_holds(folder: Path, minutes: int) -> None:
    generator = random.Random(1)
    third_us = FIRST_US + minutes // 3 * SEGMENT_US
    spans = [(camera_id(number), 0, third_us) for number in range(CAMERAS)]
    for _ in range(HOLDS):
        start_us = FIRST_US + generator.randrange(minutes) * SEGMENT_US
        spans.append((camera_id(generator.randrange(CAMERAS)), start_us, start_us + 2 * SEGMENT_US))
    holds = [{"camera_id": camera, "start_us": start, "end_us": end, "kind": "lock"} for camera, start, end in spans]
    (folder / "holds.json").write_text(json.dumps({"version": 1, "holds": holds}))


def least_ms(work: Callable[[], object]) -> float:
    costs = []
    for _ in range(ROUNDS):
        begun_s = time.process_time()
        work()
        costs.append((time.process_time() - begun_s) * 1000)
    return min(costs)


def by_age(index: IndexWriter, holds: Holds) -> Callable[[], object]:
    with index.reading() as connection:
        connection.execute(
            "CREATE TEMP TABLE hold (camera_id TEXT, start_us INTEGER, end_us INTEGER,"
            " PRIMARY KEY (camera_id, start_us))"
        )
        rows = [(camera, *span) for camera, spans in holds.by_camera.items() for span in spans]
        connection.executemany("INSERT INTO temp.hold VALUES (?, ?, ?)", rows)

    def ask() -> None:
        with index.reading() as connection:
            connection.execute(_BY_AGE, (PURGED,)).fetchall()

    return ask


def measure(rows: int, folder: Path) -> dict[str, float]:
    minutes = rows // CAMERAS
    fill(folder / "disk", CAMERAS, minutes)
    make_holds(folder, minutes)
    disk, index = Room(folder / "disk", folder / "memory"), IndexWriter(folder / "disk")
    clock = ManualClock(FIRST_US + minutes * SEGMENT_US)
    holds = HoldsFile(folder)
    policy = RetentionPolicy(days=(minutes + 1) * SEGMENT_US / (86_400 * US_PER_S))
    retention = Retention(disk, index, policy, holds, clock, round_s=60)
    begun_s = time.process_time()
    retention.round()
    costs = {"first round: holds measured": (time.process_time() - begun_s) * 1000}
    costs["quiet round"] = least_ms(retention.round)

    def make_room() -> None:
        disk.free = -PURGED * SEGMENT_BYTES
        assert retention.round().purged >= PURGED * 0.99
        disk.free = 1 << 50

    costs[f"round that purges {PURGED}"] = least_ms(make_room)
    found = holds.read()
    assert found is not None
    costs["peer: the choice by age alone"] = least_ms(by_age(index, found))
    index.close()
    disk.close()
    return costs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="200000,1000000", help="numbers of segments, ascending")
    sizes = [int(text) for text in parser.parse_args().rows.split(",")]
    costs = {}
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            costs[rows] = measure(rows, Path(folder))
    print(f"{'CPU ms':<32}" + "".join(f"{rows / 1e6:>10.1f} M" for rows in sizes))
    for name in costs[sizes[0]]:
        print(f"{name:<32}" + "".join(f"{costs[rows][name]:>12.1f}" for rows in sizes))
    quiet = [costs[rows]["quiet round"] for rows in sizes]
    growth = quiet[-1] / quiet[0]
    reached = max(quiet) <= GOAL_MS and growth <= GOAL_GROWTH
    print(f"quiet round: {max(quiet):.1f} ms (goal {GOAL_MS:.0f}), growth {growth:.2f} (goal {GOAL_GROWTH}): ", end="")
    print("reached" if reached else "not reached")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
