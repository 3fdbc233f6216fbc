"""The columns that the peers are given: normalised by our own modules, since Splink reads neither hanzi nor pinyin.

What this costs is not counted against anybody.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from matching.normalising import normalise
from matching.normalising.names import normalise_name
from matching.normalising.rings import least_rotation
from matching.normalising.text import normalise_text
from matching.normalising.transliteration import consonants

_PLACES = ("street_number", "address", "suburb", "postcode", "state")
COLUMNS = (
    *("unique_id", "name", "name_script", "romanised", "ring", "sorted_ring", "first_key", "last_key", "consonants"),
    *("given_name", "surname", "birth_date", "birth_swapped", "birth_known", "birth_year", "birth_day", "sex"),
    *("id_number", "id_valid", "document_number", "phone", *_PLACES),
)
_KEY_LETTERS = 3


def prepare(source: Path, target: Path) -> Path:
    """One line a record; an empty cell is null."""
    with source.open(newline="", encoding="utf-8") as file, target.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        for row in csv.DictReader(file):
            writer.writerow(_prepared({name: value for name, value in row.items() if value}))
    return target


def _prepared(row: Mapping[str, str]) -> dict[str, str | int]:
    record = normalise(row)
    found: dict[str, str | int] = {"unique_id": row["record_id"], "sex": record.sex or ""}
    if record.name:
        found |= {"name": record.name.plain, "name_script": "hanzi" if record.name.is_chinese else "latin"}
        found |= _keys_of_name(record.name.romanised, record.name.ring)
    for part in ("given_name", "surname"):
        alone = normalise_name(row.get(part))
        found[part] = alone.romanised if alone else ""
    if record.birth_date:
        found |= _birth(record.birth_date)
    if record.id_number:
        found |= {"id_number": record.id_number.text, "id_valid": int(record.id_number.valid)}
    found |= {"document_number": record.document_number or "", "phone": record.phone or ""}
    return found | {place: normalise_text(row.get(place)) or "" for place in _PLACES}


def _keys_of_name(romanised: str, ring: str) -> dict[str, str | int]:
    tokens = romanised.split()
    return {
        "romanised": romanised,
        "ring": ring,
        "sorted_ring": least_rotation("".join(tokens)),
        "first_key": tokens[0][:_KEY_LETTERS],
        "last_key": tokens[-1][:_KEY_LETTERS],
        "consonants": consonants(romanised) or "",
    }


def _birth(text: str) -> dict[str, str | int]:
    found: dict[str, str | int] = {"birth_known": text, "birth_year": text[:4]}
    if len(text) == 10:
        year, month, day = text.split("-")
        found |= {"birth_date": text, "birth_swapped": f"{year}-{day}-{month}", "birth_day": text[5:]}
    return found
