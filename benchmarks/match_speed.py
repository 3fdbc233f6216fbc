"""What comparing costs: a batch, and one record while somebody waits, beside Splink and nomenklatura.

    python -m benchmarks.match_speed
    python -m benchmarks.match_speed --records 100000 --references 1000000
    python -m benchmarks.match_speed --records 1000000 --references 10000000 --folder /big/disk --splink-cpu-s 1500

CPU seconds of all threads, and memory at the peak of a process of its own. Both engines have learnt before, from a
twentieth of the records; Vedette's index stands, and what Splink is given is normalised already. All that is reported
apart. Where Splink was stopped, the ratios are the most that they can be. nomenklatura has no index for files: what it
takes for one pair stands beside what the others take for a record.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks import _linkage_engines as engines
from benchmarks import _linkage_people as people
from benchmarks._measured import Cost, measured
from matching.catalogue import to_mbits
from matching.linking.model_file import read
from matching.linking.part import Task, Worker

SEED = 20261127
THRESHOLD = 0.95
MOST_CPU, MOST_MEMORY = 1 / 3, 1 / 2  # of Splink's
LEARNT_FROM = 20
ASKED_OF_SPLINK = 20
PAIRS = 2_000
# How a record may differ from its reference, to count as asked by exact keys or by a fuzzy name.
EXACT = frozenset({"", "surname first", "traditional characters", "country code", "fifteen places", "other dots"})
FUZZY = frozenset({"a letter", "another character", "a given name left out"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--references", type=int, default=200_000)
    parser.add_argument("--splink-cpu-s", type=int, default=0, help="after which Splink's batch is stopped; 0: never")
    parser.add_argument("--peers", type=Path, default=engines.PEERS)
    parser.add_argument("--folder", type=Path, help="where the files go; they stay there")
    asked = parser.parse_args()
    peers = engines.installed(asked.peers)
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        files = people.write(folder, asked.records, asked.references, SEED)
        print(f"{asked.records} records, {asked.references} references")
        models = learnt(peers, folder, asked.records, asked.references)
        reached = batch(peers, folder, files, models, asked.splink_cpu_s)
        one_by_one(peers, folder, *files)
    sys.exit(not reached)


def learnt(peers: Path, folder: Path, records: int, references: int) -> tuple[Path, Path]:
    """Models of the two engines, from other people than those who are compared."""
    small = folder / "small"
    small.mkdir(exist_ok=True)
    count = max(2_000, min(records // LEARNT_FROM, 10_000))
    asked, known, _ = people.write(small, count, 10 * count, SEED + 1)
    ours = engines.vedette_linked(asked, known, small / "vedette.csv", THRESHOLD)
    model = small / "splink.json"
    theirs = measured(
        engines.splink_command(peers, "train", *engines.prepared(asked, known, small), model), small / "splink.log"
    )
    print(f"  learning from {count} x {10 * count}: Vedette {told(ours)}, index included; Splink {told(theirs)}")
    among(model, 10 * count / references)
    return small / "vedette.model.json", model


def among(model: Path, larger: float) -> None:
    """Splink's prior for other files than those it learnt from; Vedette moves its own."""
    settings = json.loads(model.read_text())
    settings["probability_two_random_records_match"] *= larger
    model.write_text(json.dumps(settings))


def batch(peers: Path, folder: Path, files: tuple[Path, Path, Path], models: tuple[Path, Path], splink_s: int) -> bool:
    records, references, truth = files
    index = folder / "references.index"
    building = engines.vedette_index(references, index)
    print(f"  building: Vedette's index {told(building)}; {index.stat().st_size / 2**20:.0f} MiB on the disk")
    ours = engines.vedette_linked(records, index, folder / "vedette.csv", THRESHOLD, models[0])
    print(f"  batch: Vedette {told(ours)}, {hits_in(folder / 'vedette.csv', truth)}")
    engines.prepare(references, folder / "prepared_references.csv")
    begun = time.process_time()
    engines.prepare(records, folder / "prepared_records.csv")
    preparing_s = time.process_time() - begun
    prepared = folder / "prepared_references.csv", folder / "prepared_records.csv"
    link = engines.splink_command(peers, "link", *prepared, models[1])
    link += ["--out", str(folder / "splink.csv"), "--threshold", str(THRESHOLD)]
    theirs = measured(link, folder / "splink.log", splink_s)
    hits = "stopped before it was done" if theirs.stopped else hits_in(folder / "splink.csv", truth)
    print(f"  batch: Splink {told(theirs)}, {hits}")
    print(f"  normalising the records, which Splink is spared: {preparing_s:.1f} CPU s")
    cpu, memory = ours.cpu_s / theirs.cpu_s, ours.peak_mib / theirs.peak_mib
    spared = ours.cpu_s / (theirs.cpu_s + preparing_s)
    print(f"  of Splink's: CPU {cpu:.2f} (goal {MOST_CPU:.2f}), {spared:.2f} if it had to normalise the records")
    print(f"    memory {memory:.2f} (goal {MOST_MEMORY:.2f})")
    return cpu <= MOST_CPU and memory <= MOST_MEMORY


def hits_in(file: Path, truth: Path) -> str:
    """How many, how right they are, and how many records about nobody in the references have one."""
    with truth.open(newline="", encoding="utf-8") as rows:
        known = {row["record_id"]: row["reference_id"] for row in csv.DictReader(rows)}
    hits = list(engines.read_hits(file))
    right = sum(known[it.record_id] == it.reference_id for it in hits)
    unrelated = sum(not reference for reference in known.values())
    wrong = len({it.record_id for it in hits if not known[it.record_id]})
    shares = f"{right / max(1, len(hits)):.1%} of them right", f"{1000 * wrong / max(1, unrelated):.1f} of 1,000"
    return f"{len(hits)} hits, {shares[0]}; {shares[1]} unrelated records have one"


def one_by_one(peers: Path, folder: Path, records: Path, references: Path, truth: Path) -> None:
    for what, ways in (("exact keys", EXACT), ("fuzzy names", FUZZY)):
        asked = chosen(records, truth, ways)
        print(f"  one record, {what}: Vedette {spread(ours_each_us(folder, asked))} ({len(asked)} records)")
        small = folder / "asked.csv"
        write(small, asked[: ASKED_OF_SPLINK + 1])
        known, given = folder / "prepared_references.csv", engines.prepare(small, folder / "prepared_asked.csv")
        command = engines.splink_command(peers, "one", known, given, folder / "small" / "splink.json")
        print(f"    Splink {spread(told_by(command))} ({ASKED_OF_SPLINK} records)")
    with (folder / "vedette.csv").open(newline="", encoding="utf-8") as file:
        rows = list(islice(csv.DictReader(file), PAIRS))
    write(folder / "pairs.csv", [{name: row[name] for name in ("record_id", "reference_id")} for row in rows])
    script = Path(__file__).parent / "_nomenklatura_peer.py"
    command = [str(it) for it in (peers, script, references, records, "--pairs", folder / "pairs.csv")]
    each = told_by([*command, "--out", str(folder / "nomenklatura.csv")])
    print(f"    nomenklatura, one pair: {spread(each)} ({len(each)} pairs)")


def chosen(records: Path, truth: Path, ways: frozenset[str]) -> list[dict[str, str]]:
    with truth.open(newline="", encoding="utf-8") as file:
        wanted = {row["record_id"] for row in csv.DictReader(file) if ways.issuperset(row["altered"].split("; "))}
    with records.open(newline="", encoding="utf-8") as file:
        found = (row for row in csv.DictReader(file) if row["record_id"] in wanted)
        return [{name: value for name, value in row.items() if value} for row in islice(found, 2_000)]


def ours_each_us(folder: Path, asked: Sequence[dict[str, str]]) -> list[float]:
    """Normalised, looked up, scored and written as a line, one record a call."""
    task = Task(
        index=folder / "references.index",
        learnt=read(folder / "small" / "vedette.model.json"),
        threshold_mbits=to_mbits(THRESHOLD),
        day=people.TODAY.isoformat(),
        of_itself=False,
        explained=False,
        records_sha256="",
    )
    worker, used = Worker(task), []
    for record in asked[:200]:  # what is loaded late: dictionaries of readings, compiled kernels, pages of the file
        worker.part([record], 0)
    for record in asked:
        begun = time.process_time()
        worker.part([record], 0)
        used.append(1e6 * (time.process_time() - begun))
    return used


def told_by(command: Sequence[str]) -> list[float]:
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    line = next(it for it in said.splitlines() if "each_us" in it)
    return [float(it) for it in json.loads(line)["each_us"]]


def write(path: Path, rows: Sequence[dict[str, str]]) -> None:
    columns = people.COLUMNS if "name" in rows[0] else tuple(rows[0])
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def told(cost: Cost) -> str:
    return f"{cost.cpu_s:.1f} CPU s, {cost.peak_mib:.0f} MiB"


def spread(each_us: Sequence[float]) -> str:
    p50, p99 = np.quantile(each_us, (0.5, 0.99))
    return f"CPU p50 {p50:.0f} us, p99 {p99:.0f} us"


if __name__ == "__main__":
    main()
