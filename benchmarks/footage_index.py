"""What a question to the footage index of one disk costs, as the disk holds ever more: CPU time, queries, memory.

    python -m benchmarks.footage_index --rows 1000000,5000000
    python -m benchmarks.footage_index --rows 1000000,5000000,26000000

600 cameras with a segment a minute, one keyframe in two seconds and three gaps a day; 26 million rows are 30 days of
them, and 30 GB. Each question is put about another camera and day each time, and the file is opened anew, as the
software does; the least of several rounds counts. The peers answer the coverage of a camera-day: one walks the day's
folders for the names and sizes of the files, as recorders without an index do; one asks the same database for all
columns of the day's segments and looks at each.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks._index_rows import DAY_US, FIRST_US, GAP_EVERY, SEGMENT_US, camera_id, fill
from foundation.clock import US_PER_S
from ingest.footage.index import FootageIndex
from ingest.footage.intervals import merged
from ingest.footage.segment_file import SegmentName
from ingest.playback.moment import moment
from ingest.standalone.usage import pss_bytes

GOAL_GROWTH = 1.5  # of the CPU time of a camera-day's coverage, from the smallest index to the largest
CAMERAS = 600
BYTES_PER_ROW = 1_200
ROUNDS, TIMES = 5, 40

Question = Callable[[str, int], object]  # about a camera and a moment


@dataclass(frozen=True)
class Cost:
    cpu_ms: float
    queries: int


def questions(disk: Path, walked: Path) -> dict[str, Question]:
    index = FootageIndex(disk)

    def by_all_columns(camera: str, at_us: int) -> object:
        rows = index.segments(camera, "main", at_us, at_us + DAY_US)
        return merged(((row.start_us, row.end_us) for row in rows), US_PER_S // 4)

    return {
        "coverage of a day": lambda camera, at_us: index.coverage(camera, "main", at_us, at_us + DAY_US),
        "gaps of a day": lambda camera, at_us: index.gaps(camera, "main", at_us, at_us + DAY_US),
        "around an instant": lambda camera, at_us: moment([disk], camera, "main", at_us),
        "nearest keyframe": lambda camera, at_us: moment([disk], camera, "main", at_us).nearest_keyframe(),
        "segments of 10 minutes": lambda camera, at_us: index.recorded(camera, "main", at_us, at_us + 600 * US_PER_S),
        "peer: day, all columns": by_all_columns,
        "peer: day, folder walk": lambda _camera, _at_us: walk(walked),
    }


def make_folders(disk: Path) -> Path:
    """A camera-day of files, without anything in them."""
    day = disk / SegmentName(camera_id(0), "main", FIRST_US - FIRST_US % DAY_US, 1, 0).path
    for n in range(DAY_US // SEGMENT_US):
        file = disk / SegmentName(camera_id(0), "main", FIRST_US - FIRST_US % DAY_US + n * SEGMENT_US, 1, n).path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return day.parent.parent


def walk(day: Path) -> object:
    spans = []
    for hour in os.scandir(day):
        for entry in os.scandir(hour.path):
            found = entry.stat()
            start_us = int(entry.name.partition("-")[0])
            spans.append((start_us, max(found.st_mtime_ns // 1000, start_us)))
    return merged(spans, US_PER_S // 4)


def measure(disk: Path, minutes: int, walked: Path) -> dict[str, Cost]:
    generator = random.Random(minutes)
    last_us = FIRST_US + max(0, minutes - 1440) * SEGMENT_US
    asked = questions(disk, walked)
    least = dict.fromkeys(asked, float("inf"))
    for _ in range(ROUNDS):
        for name, question in asked.items():
            places = [
                (camera_id(generator.randrange(CAMERAS)), generator.randint(FIRST_US, last_us)) for _ in range(TIMES)
            ]
            begun_s = time.process_time()
            for camera, at_us in places:
                question(camera, at_us)
            least[name] = min(least[name], (time.process_time() - begun_s) * 1000 / TIMES)
    with counted() as statements:
        counts = {}
        for name, question in asked.items():
            statements.clear()
            question(camera_id(1), FIRST_US)
            counts[name] = sum(one.lstrip().startswith("SELECT") for one in statements)
    return {name: Cost(least[name], counts[name]) for name in asked}


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements of all connections that are opened meanwhile."""
    statements: list[str] = []
    connect = sqlite3.connect

    def traced(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.set_trace_callback(statements.append)
        return connection

    with mock.patch("sqlite3.connect", traced):
        yield statements


def check(disk: Path) -> None:
    """The answers are right: a day has three gaps, and a segment in every other minute."""
    index = FootageIndex(disk)
    covered_us = sum(end - start for start, end in index.coverage(camera_id(7), "main", FIRST_US, FIRST_US + DAY_US))
    gaps = index.gaps(camera_id(7), "main", FIRST_US, FIRST_US + DAY_US)
    wanted = DAY_US // SEGMENT_US // GAP_EVERY
    assert abs(len(gaps) - wanted) <= 1, len(gaps)
    assert DAY_US - 6 * SEGMENT_US < covered_us < DAY_US, covered_us


def tell(costs: dict[int, dict[str, Cost]], memory_bytes: int) -> bool:
    sizes = sorted(costs)
    print(f"{'CPU ms a question':<26}" + "".join(f"{rows / 1e6:>10.1f} M" for rows in sizes) + "   queries")
    for name, one in costs[sizes[0]].items():
        figures = "".join(f"{costs[rows][name].cpu_ms:>12.3f}" for rows in sizes)
        print(f"{name:<26}{figures}{one.queries:>10}")
    print(f"memory that all of it took  {memory_bytes / 2**20:.1f} MiB")
    growth = costs[sizes[-1]]["coverage of a day"].cpu_ms / costs[sizes[0]]["coverage of a day"].cpu_ms
    print(f"coverage, largest/smallest  {growth:.2f} × (goal {GOAL_GROWTH} ×)")
    return growth <= GOAL_GROWTH


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="1000000,5000000", help="sizes, in rows")
    parser.add_argument("--folder", type=Path, help="where there is space for the largest of them")
    options = parser.parse_args()
    sizes = [int(rows) for rows in options.rows.split(",")]
    costs: dict[int, dict[str, Cost]] = {}
    memory_bytes = 0
    for rows in sizes:
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            if shutil.disk_usage(name).free < 1.2 * rows * BYTES_PER_ROW:
                raise SystemExit(
                    f"{rows} rows need {1.2 * rows * BYTES_PER_ROW / 1e9:.0f} GB; name a --folder with space"
                )
            disk, walked = Path(name) / "disk", make_folders(Path(name) / "walked")
            minutes = rows // CAMERAS
            size = fill(disk, CAMERAS, minutes).stat().st_size
            print(f"{rows} rows: {size / 1e9:.1f} GB", flush=True)
            check(disk)
            before = pss_bytes(os.getpid())
            costs[rows] = measure(disk, minutes, walked)
            memory_bytes = max(memory_bytes, pss_bytes(os.getpid()) - before)
    sys.exit(0 if tell(costs, memory_bytes) else 1)


if __name__ == "__main__":
    main()
