"""Runs an engine over two files as a process of its own; CPU seconds of all its threads, and memory at the peak."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmarks._linkage_measures import Hit
from benchmarks._linkage_people import TODAY
from benchmarks._linkage_prepared import prepare
from benchmarks._measured import Cost, measured
from matching.index.store import Index

PEERS = Path(".venv/peers/bin/python")
LOWEST = 0.01  # pairs below it are not written; the curve of reliability begins here
_HERE = Path(__file__).parent
_VEDETTE = (sys.executable, "-c", "from control_center.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Run:
    """`hits` and `candidates` are files; a candidate is a pair that was scored."""

    hits: Path
    candidates: Path
    building: Cost
    linking: Cost


def vedette(records: Path, references: Path, folder: Path) -> Run:
    """Building is that of the index. A file that is compared with itself is indexed anew within the comparison."""
    hits, index, candidates = folder / "vedette.csv", folder / "references.index", folder / "vedette_candidates.csv"
    building = vedette_index(references, index)
    against = references if records == references else index
    linking = vedette_linked(records, against, hits, LOWEST)
    _write_candidates(records, index, candidates)
    return Run(hits, candidates, building, linking)


def vedette_index(references: Path, index: Path) -> Cost:
    return measured([*_VEDETTE, "match", "index", "build", references, "--out", index], index.with_suffix(".log"))


def vedette_linked(records: Path, against: Path, hits: Path, threshold: float, model: Path | None = None) -> Cost:
    """By one process: what several hold together is not what the largest of them held."""
    hits.unlink(missing_ok=True)
    asked = [records, against, "--out", hits, "--threshold", str(threshold), "--workers", "1"]
    asked += ["--model", model] if model else []
    return measured([*_VEDETTE, "match", "compare", *asked], hits.with_suffix(".log"))


def _write_candidates(records: Path, index: Path, out: Path) -> None:
    found, day = Index(index), TODAY.isoformat()
    with records.open(newline="", encoding="utf-8") as file, out.open("w", newline="", encoding="utf-8") as to:
        writer = csv.writer(to)
        writer.writerow(("record_id", "reference_id"))
        rows = csv.DictReader(file)
        while chunk := [{name: value for name, value in row.items() if value} for row in islice(rows, 2_000)]:
            pairs = found.look_up_many(chunk, day)
            for record, reference in zip(pairs.record.tolist(), pairs.reference.tolist(), strict=True):
                one, other = chunk[record]["record_id"], found.raw(reference)["record_id"]
                if one != other:
                    writer.writerow((one, other))


def splink(peers: Path, records: Path, references: Path, folder: Path) -> Run:
    """Building is the training of the model. The prepared files are made before and not counted."""
    known, asked = prepared(records, references, folder)
    model, log = folder / "splink.json", folder / "splink.log"
    hits, candidates = folder / "splink.csv", folder / "splink_candidates.csv"
    building = measured(splink_command(peers, "train", known, asked, model), log)
    link = splink_command(peers, "link", known, asked, model)
    linking = measured([*link, "--out", hits, "--threshold", str(LOWEST)], log)
    measured([*splink_command(peers, "candidates", known, asked, model), "--out", candidates], log)
    return Run(hits, candidates, building, linking)


def prepared(records: Path, references: Path, folder: Path) -> tuple[Path, Path]:
    """References and records as Splink is given them; one file where they are one."""
    known = prepare(references, folder / "prepared_references.csv")
    return known, known if records == references else prepare(records, folder / "prepared_records.csv")


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
