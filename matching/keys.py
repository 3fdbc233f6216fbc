"""Keys: what two records must share to be worth scoring, and what makes a record comparable at all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal

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
    "close_name",  # one letter off, with the date or the year of birth: it has no values, the index finds it
    "sex_height_place",
]
KeyOf = Callable[[NormalRecord], Sequence[str]]


def key_values(record: NormalRecord, key: KeyName) -> Sequence[str]:
    return _KEYS[key](record)


def is_usable(record: NormalRecord, key: KeyName) -> bool:
    """Whether the record has what the key is made of."""
    if key == "close_name":
        return record.name is not None and record.birth_date is not None
    return bool(key_values(record, key))


def shared(
    left: NormalRecord, right: NormalRecord, keys: Sequence[KeyName], found_by: Collection[str]
) -> list[KeyName]:
    """The keys that a pair shares; `found_by` are those of the index that brought the two together."""

    def is_shared(key: KeyName) -> bool:
        if key == "close_name":
            return key in found_by
        return not set(key_values(left, key)).isdisjoint(key_values(right, key))

    return [key for key in keys if is_shared(key)]


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
    "close_name": lambda _: (),
    "sex_height_place": _sex_height_place,
}
