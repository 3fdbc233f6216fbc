"""Exact keys: which pairs of records are worth scoring, and which records cannot be compared at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import structlog

from matching.normalising import NormalRecord

KeyName = Literal[
    "id_number",
    "document_number",
    "phone",
    "plate",
    "vin",
    "name_birth_date",
    "pinyin_birth_date",
    "name_birth_year_sex",
    "sex_height_place",
]
KeyOf = Callable[[NormalRecord], Sequence[str]]

# Pairs one key value may bring. A larger block (a hotel's telephone, a common name) is cut by what else is known.
BLOCK_LIMIT = 2_500
_log = structlog.get_logger()


@dataclass(slots=True)
class Candidates:
    pairs: dict[tuple[int, int], list[KeyName]] = field(default_factory=dict)  # (left, right) to the keys that found it
    comparable: set[int] = field(default_factory=set)  # left records that share a usable key with the right side


def candidates(left: Sequence[NormalRecord], right: Sequence[NormalRecord], keys: Sequence[KeyName]) -> Candidates:
    """Join both sides on each key. A record without a key that the other side also has is not comparable."""
    found = Candidates()
    for key in keys:
        of_left, of_right = _by_value(left, key), _by_value(right, key)
        if not of_right:
            continue
        found.comparable.update(at for block in of_left.values() for at in block)
        for value in sorted(of_left.keys() & of_right.keys()):
            for pair in _pairs(left, right, of_left[value], of_right[value], key):
                found_by = found.pairs.setdefault(pair, [])
                if key not in found_by:  # two readings of a name may find the same pair
                    found_by.append(key)
    return found


def key_values(record: NormalRecord, key: KeyName) -> Sequence[str]:
    return _KEYS[key](record)


def _by_value(records: Sequence[NormalRecord], key: KeyName) -> dict[str, list[int]]:
    blocks: dict[str, list[int]] = defaultdict(list)
    for at, record in enumerate(records):
        for value in _KEYS[key](record):
            blocks[value].append(at)
    return blocks


def _pairs(
    left: Sequence[NormalRecord], right: Sequence[NormalRecord], of_left: list[int], of_right: list[int], key: KeyName
) -> Iterator[tuple[int, int]]:
    if len(of_left) * len(of_right) <= BLOCK_LIMIT:
        for at in of_left:
            for to in of_right:
                yield at, to
        return
    cut: set[tuple[int, int]] = set()
    for name, specific in _MORE_SPECIFIC.items():
        if name not in _IMPLIED.get(key, ()):
            cut.update(_cut(left, right, of_left, of_right, specific))
    _log.info("block_cut", key=key, left=len(of_left), right=len(of_right), pairs=len(cut))
    yield from sorted(cut)


def _cut(
    left: Sequence[NormalRecord],
    right: Sequence[NormalRecord],
    of_left: list[int],
    of_right: list[int],
    specific: KeyOf,
) -> Iterator[tuple[int, int]]:
    blocks: dict[str, list[int]] = defaultdict(list)
    for to in of_right:
        for value in specific(right[to]):
            blocks[value].append(to)
    for at in of_left:
        for value in specific(left[at]):
            for to in blocks.get(value, ()):
                yield at, to


def _id_number(record: NormalRecord) -> Sequence[str]:
    return (record.id_number.text,) if record.id_number else ()


def _document_number(record: NormalRecord) -> Sequence[str]:
    return (record.document_number,) if record.document_number else ()


def _phone(record: NormalRecord) -> Sequence[str]:
    return (record.phone,) if record.phone else ()


def _plate(record: NormalRecord) -> Sequence[str]:
    return (record.plate.text,) if record.plate else ()


def _vin(record: NormalRecord) -> Sequence[str]:
    return (record.vin.text,) if record.vin else ()


def _name_birth_date(record: NormalRecord) -> Sequence[str]:
    if record.name is None or record.birth_date is None or len(record.birth_date) < 10:
        return ()
    return (f"{record.name.plain}|{record.birth_date}",)


def _readings(record: NormalRecord) -> Sequence[str]:
    """Each way to read the name, in written order and in the order of the alphabet; mostly these are one."""
    return record.name.rings if record.name else ()


def _pinyin_birth_date(record: NormalRecord) -> Sequence[str]:
    if record.birth_date is None or len(record.birth_date) < 10:
        return ()
    return tuple(f"{reading}|{record.birth_date}" for reading in _readings(record))


def _name_birth_year_sex(record: NormalRecord) -> Sequence[str]:
    if record.birth_date is None or record.sex is None:
        return ()
    return tuple(f"{reading}|{record.birth_date[:4]}|{record.sex}" for reading in _readings(record))


def _sex_height_place(record: NormalRecord) -> Sequence[str]:
    """Height in steps of five centimetres, each record in the two nearest, so that two within 2 cm always meet."""
    if record.sex is None or record.height_cm is None or record.place is None:
        return ()
    step, rest = divmod(record.height_cm, 5)
    steps = (step, step + 1 if rest >= 3 else step - 1)
    return tuple(f"{record.sex}|{record.place}|{at}" for at in steps)


_KEYS: Mapping[KeyName, KeyOf] = {
    "id_number": _id_number,
    "document_number": _document_number,
    "phone": _phone,
    "plate": _plate,
    "vin": _vin,
    "name_birth_date": _name_birth_date,
    "pinyin_birth_date": _pinyin_birth_date,
    "name_birth_year_sex": _name_birth_year_sex,
    "sex_height_place": _sex_height_place,
}
# An oversized block falls through to these, save those that its own key already holds.
_MORE_SPECIFIC: Mapping[str, KeyOf] = {
    "id_number": _id_number,
    "document_number": _document_number,
    "phone": _phone,
    "plate": _plate,
    "vin": _vin,
    "reading": _readings,
    "birth_date": lambda record: (record.birth_date,) if record.birth_date and len(record.birth_date) == 10 else (),
    "place": lambda record: (record.place,) if record.place else (),
}
_IMPLIED: Mapping[KeyName, tuple[str, ...]] = {
    "id_number": ("id_number",),
    "document_number": ("document_number",),
    "phone": ("phone",),
    "plate": ("plate",),
    "vin": ("vin",),
    "name_birth_date": ("reading", "birth_date"),
    "pinyin_birth_date": ("reading", "birth_date"),
    "name_birth_year_sex": ("reading",),
    "sex_height_place": ("place",),
}
