"""Runs an engine over two files as a process of its own; CPU seconds of all its threads, and memory at the peak."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks._linkage_measures import Hit
from benchmarks._linkage_prepared import prepare

PEERS = Path(".venv/peers/bin/python")
LOWEST = 0.01  # pairs below it are not written; the curve of reliability begins here
_HERE = Path(__file__).parent
_VEDETTE = (sys.executable, "-c", "from control_center.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Cost:
    cpu_s: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Run:
    """`hits` and `candidates` are files; a candidate is a pair that was scored."""

    hits: Path
    candidates: Path | None
    building: Cost
    linking: Cost


def measured(command: Sequence[str | Path], log: Path) -> Cost:
    with log.open("ab") as out:
        process = subprocess.Popen([str(it) for it in command], stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[1:4]} failed:\n{log.read_text(errors='replace')[-2000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def vedette(records: Path, references: Path, folder: Path, threshold: float = LOWEST) -> Run:
    """Building is that of the index; a file that is compared with itself is indexed as it is compared."""
    hits, index, log = folder / "vedette.csv", folder / "references.index", folder / "vedette.log"
    building = Cost(0, 0)
    against = references
    if records != references:
        building = measured([*_VEDETTE, "match", "index", "build", references, "--out", index], log)
        against = index
    asked = ["--out", hits, "--threshold", str(threshold), "--workers", "1"]
    return Run(hits, None, building, measured([*_VEDETTE, "match", "compare", records, against, *asked], log))


def splink(peers: Path, records: Path, references: Path, folder: Path, threshold: float = LOWEST) -> Run:
    """Building is the training of the model. The prepared files are made before and not counted."""
    known = prepare(references, folder / "prepared_references.csv")
    asked = known if records == references else prepare(records, folder / "prepared_records.csv")
    model, log = folder / "splink.json", folder / "splink.log"
    building = measured(splink_command(peers, "train", known, asked, model), log)
    hits, candidates = folder / "splink.csv", folder / "splink_candidates.csv"
    link = splink_command(peers, "link", known, asked, model)
    cost = measured([*link, "--out", hits, "--threshold", str(threshold)], log)
    measured(splink_command(peers, "candidates", known, asked, model) + ["--out", str(candidates)], log)
    return Run(hits, candidates, building, cost)


def splink_command(peers: Path, action: str, references: Path, records: Path, model: Path) -> list[str]:
    script = _HERE / "_splink_peer.py"
    return [str(it) for it in (peers, script, action, references, records, "--model", model)]


def read_hits(path: Path) -> Iterator[Hit]:
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield Hit(row["record_id"], row["reference_id"], float(row.get("probability") or 1))


def installed(peers: Path) -> Path:
    if not peers.exists():
        sys.exit(f"{peers}: the peers are not installed there. `make bench` installs them.")
    return peers
