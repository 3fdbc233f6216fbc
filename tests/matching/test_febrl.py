"""Quality on FEBRL's sets with truth: `rec-N-org` and `rec-N-dup-M` are one person (Christen and Pudjijono 2009)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from matching.catalogue import to_mbits
from matching.keys import KeyName, candidates
from matching.model import FieldName
from matching.normalising import NormalRecord, normalise
from matching.scoring import CellFrequencies, posterior, score

KEYS: tuple[KeyName, ...] = ("document_number", "name_birth_date", "pinyin_birth_date", "name_birth_year_sex")
FIELDS: tuple[FieldName, ...] = ("name", "birth_date", "document_number")


def load(path: Path) -> dict[str, NormalRecord]:
    with path.open() as file:
        rows = [
            {name.strip(): value.strip() for name, value in row.items()}
            for row in csv.DictReader(file, skipinitialspace=True)
        ]
    return {
        row["rec_id"]: normalise(
            {
                "given_name": row["given_name"],
                "surname": row["surname"],
                "date_of_birth": row["date_of_birth"],
                "document_number": row["soc_sec_id"],
            }
        )
        for row in rows
    }


@pytest.mark.parametrize("name", ["dataset1", "dataset2"])
def test_precision_and_recall(shared_data: Path, name: str) -> None:
    records = load(shared_data / "records" / "febrl" / f"{name}.csv")
    originals = [key for key in records if key.endswith("-org")]
    copies = [key for key in records if "-dup-" in key]
    truth = {(a, b) for b in copies if (a := f"rec-{b.split('-')[1]}-org") in records}
    frequencies = CellFrequencies().add(records.values())
    pairs = candidates([records[key] for key in originals], [records[key] for key in copies], KEYS).pairs
    found = {
        (originals[at], copies[to])
        for at, to in pairs
        if posterior(
            to_mbits(1e-6), score(*_both(records, originals[at], copies[to]), FIELDS, frequencies).weight_mbits
        )
        >= 0.9
    }
    right = len(found & truth)
    assert right / len(found) >= 0.995
    assert right / len(truth) >= 0.93


def _both(records: dict[str, NormalRecord], left: str, right: str) -> tuple[NormalRecord, NormalRecord]:
    return records[left], records[right]
