"""Quality on FEBRL's sets with truth: `rec-N-org` and `rec-N-dup-M` are one person (Christen and Pudjijono 2009)."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from matching.catalogue import to_mbits
from matching.keys import KeyName, key_values
from matching.model import FieldName
from matching.normalising import NormalRecord, normalise
from matching.scoring import posterior, score
from tests.matching.conftest import Counted

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
    blocks, frequencies = _blocks(records, copies), Counted(records.values())
    values = ((one, key, value) for one in originals for key in KEYS for value in key_values(records[one], key))
    pairs = {(one, copy) for one, key, value in values for copy in blocks[key, value]}
    found = {
        pair
        for pair in pairs
        if posterior(to_mbits(1e-6), score(*_both(records, *pair), FIELDS, frequencies).weight_mbits) >= 0.9
    }
    right = len(found & truth)
    assert right / len(found) >= 0.995
    assert right / len(truth) >= 0.93


def _blocks(records: dict[str, NormalRecord], of: list[str]) -> dict[tuple[KeyName, str], list[str]]:
    blocks: dict[tuple[KeyName, str], list[str]] = defaultdict(list)
    for one in of:
        for key in KEYS:
            for value in key_values(records[one], key):
                blocks[key, value].append(one)
    return blocks


def _both(records: dict[str, NormalRecord], left: str, right: str) -> tuple[NormalRecord, NormalRecord]:
    return records[left], records[right]
