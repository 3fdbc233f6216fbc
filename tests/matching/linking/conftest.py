"""Two small files of invented people: some of the one are, altered, of the other."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

import pytest

from simulator.records.people import Person, Population

Raw = dict[str, str]
COLUMNS = ("record_id", "name", "date_of_birth", "sex", "id_number", "document_number", "phone", "whom")
DAY = "2026-11-26"


@dataclass(frozen=True)
class Files:
    records: Path
    references: Path
    pairs: frozenset[tuple[str, str]]  # that are about one person


@pytest.fixture(scope="package", autouse=True)
def _small_parts() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda _: None)
        patch.setattr("matching.linking.comparing.RECORDS_AT_ONCE", 20)
        patch.setattr("matching.linking.comparing.DRAWN_PAIRS", 20_000)
        yield


@pytest.fixture
def files(tmp_path: Path) -> Files:
    random = Random(7)
    people = Population(random, date(2026, 11, 26), ())
    known = [people.person() for _ in range(300)]
    references = [_row(f"R-{at}", person) for at, person in enumerate(known)]
    records = [_altered(random, f"Q-{at}", references[at], known[at]) for at in range(60)]
    records += [_row(f"S-{at}", people.person()) for at in range(60)]
    random.shuffle(records)
    write(tmp_path / "records.csv", records)
    write(tmp_path / "references.csv", references)
    pairs = frozenset((f"Q-{at}", f"R-{at}") for at in range(60))
    return Files(tmp_path / "records.csv", tmp_path / "references.csv", pairs)


def write(path: Path, raws: Sequence[Raw]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(raws)


def _row(record_id: str, person: Person) -> Raw:
    return {
        "record_id": record_id,
        "name": person.name.full,
        "date_of_birth": person.born.isoformat(),
        "sex": person.sex,
        "id_number": person.id_number,
        "document_number": person.document_number,
        "phone": person.phone,
        "whom": record_id,
    }


def _altered(random: Random, record_id: str, raw: Raw, person: Person) -> Raw:
    """Without one or two of the numbers, and now and then in Latin letters."""
    altered = {**raw, "record_id": record_id}
    for name in random.sample(("id_number", "document_number", "phone"), 2):
        altered[name] = ""
    if person.is_chinese and random.random() < 0.5:
        altered["name"] = " ".join(reversed(person.name.romanised or ("", "")))
    return altered
