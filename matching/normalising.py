"""Raw fields to the forms that keys and scoring compare. Every normaliser is idempotent; None means: nothing usable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from stdnum.cn import ric

from matching.names import Name, normalise_name
from matching.plate_numbers import Plate, normalise_colour, normalise_plate

VERSION = "1"
_NOTHING = frozenset({"", "NONE", "NULL", "NA", "NIL", "UNKNOWN", "无", "不详", "未知"})
_DATE = re.compile(r"(\d{4})(?:\D{0,2}(\d{1,2})(?:\D{0,2}(\d{1,2}))?)?\D?", re.ASCII)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})?", re.ASCII)
_MALE, _FEMALE = ("M", "MALE", "男", "男性", "1"), ("F", "FEMALE", "女", "女性", "2")
_SEXES = {**dict.fromkeys(_MALE, "M"), **dict.fromkeys(_FEMALE, "F")}
# GB/T 2260: the first two digits, with Taiwan, Hong Kong and Macau.
_PROVINCE_DIGITS = "1112131415212223313233343536374142434445465051525354616263646571818283"
_PROVINCES = frozenset(_PROVINCE_DIGITS[at : at + 2] for at in range(0, len(_PROVINCE_DIGITS), 2))
# ISO 3779, annex B: letters as digits, and weights whose ninth place is the check digit's own.
_VIN_LETTERS = zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
_VIN_VALUES = {**dict(_VIN_LETTERS), **{str(digit): digit for digit in range(10)}}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number, and whether it passes its own check (GB 11643, ISO 3779)."""

    text: str
    valid: bool


@dataclass(frozen=True, slots=True)
class NormalRecord:
    name: Name | None = None
    birth_date: str | None = None
    sex: str | None = None
    id_number: Identifier | None = None
    document_number: str | None = None
    phone: str | None = None
    plate: Plate | None = None
    plate_colour: str | None = None
    vin: Identifier | None = None
    make: str | None = None
    colour: str | None = None
    height_cm: int | None = None
    place: str | None = None
    happened_on: str | None = None
    belongings: str | None = None


def normalise(raw: Mapping[str, Any]) -> NormalRecord:
    """Birth date and sex that are not given are read from a valid resident number."""
    id_number = normalise_id_number(raw.get("id_number"))
    document = normalise_document(raw.get("document_number"))
    if id_number is None and document is not None and (number := normalise_id_number(document)) and number.valid:
        id_number = number
    known = id_number.text if id_number and id_number.valid else None
    height_cm = raw.get("height_cm")
    return NormalRecord(
        name=normalise_name(raw.get("name"), raw.get("surname"), raw.get("given_name")),
        birth_date=normalise_date(raw.get("date_of_birth")) or (known and _birth_date_of(known)),
        sex=normalise_sex(raw.get("sex")) or (known and _sex_of(known)),
        id_number=id_number,
        document_number=document,
        phone=normalise_phone(raw.get("phone")),
        plate=normalise_plate(raw.get("plate")),
        plate_colour=normalise_colour(raw.get("plate_colour")),
        vin=normalise_vin(raw.get("vin")),
        make=normalise_text(raw.get("make")),
        colour=normalise_text(raw.get("colour")),
        height_cm=height_cm if height_cm and 30 <= height_cm <= 260 else None,
        place=normalise_text(raw.get("place")),
        happened_on=normalise_date(raw.get("happened_on")),
        belongings=normalise_text(raw.get("belongings")),
    )


def compact(raw: str | None) -> str:
    """NFKC, upper case, letters and digits only; words that mean "nothing" become empty."""
    text = "".join(character for character in unicodedata.normalize("NFKC", raw or "").upper() if character.isalnum())
    return "" if text in _NOTHING else text


def normalise_text(raw: str | None) -> str | None:
    """Words in lower case, one blank between them."""
    folded = unicodedata.normalize("NFKC", raw or "").casefold()
    words = "".join(character if character.isalnum() else " " for character in folded).split()
    text = unicodedata.normalize("NFKC", " ".join(words))
    return None if text.upper() in _NOTHING else text


def normalise_sex(raw: str | None) -> str | None:
    return _SEXES.get(compact(raw))


def normalise_date(raw: str | None) -> str | None:
    """`YYYY`, `YYYY-MM` or `YYYY-MM-DD` out of the usual ways to write them, year first; None for no date at all."""
    text = unicodedata.normalize("NFKC", raw or "").strip()
    found = _COMPACT_DATE.fullmatch(text) or _DATE.fullmatch(text)
    if not found:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    return "-".join(part for part in (f"{year:04}", month and f"{month:02}", day and f"{day:02}") if part)


def normalise_id_number(raw: str | None) -> Identifier | None:
    """GB 11643-1999: 18 places with a check digit; 15 places of before 1999 become 18."""
    text = compact(raw)
    if len(text) == 15 and text.isascii() and text.isdigit():
        body = text[:6] + "19" + text[6:]
        longer = body + ric.calc_check_digit(body + "0")
        if _is_resident_number(longer):
            return Identifier(longer, valid=True)
    if not text.isascii() or len(text) < 6 or len(set(text)) < 4:
        return None  # a placeholder: 000000, 111111, 无
    return Identifier(text, valid=len(text) == 18 and _is_resident_number(text))


def _is_resident_number(text: str) -> bool:
    """Province, date and check digit. The county is not looked up: numbers keep codes that were since abolished."""
    if not (text.isascii() and text[:17].isdigit() and text[:2] in _PROVINCES):
        return False
    return text[17] == ric.calc_check_digit(text) and normalise_date(_birth_date_of(text)) is not None


def _birth_date_of(id_number: str) -> str:
    return f"{id_number[6:10]}-{id_number[10:12]}-{id_number[12:14]}"


def _sex_of(id_number: str) -> str:
    return "M" if int(id_number[16]) % 2 else "F"


def normalise_document(raw: str | None) -> str | None:
    text = compact(raw)
    return text if len(text) >= 5 and len(set(text)) >= 3 else None


def normalise_phone(raw: str | None) -> str | None:
    """Digits; China's country code and trunk prefix are dropped, another country's stays."""
    text = unicodedata.normalize("NFKC", raw or "")
    digits = "".join(character for character in text if character in "0123456789")
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) - len(prefix) >= 10:
            digits = digits[len(prefix) :]
            break
    digits = digits.lstrip("0")
    return digits if 6 <= len(digits) <= 15 and len(set(digits)) >= 3 else None


def normalise_vin(raw: str | None) -> Identifier | None:
    """ISO 3779: 17 places; I, O and Q do not occur and are read as 1, 0 and 0."""
    text = compact(raw).translate(str.maketrans("IOQ", "100"))
    if not 5 <= len(text) <= 17 or len(set(text)) < 4 or not text.isascii():
        return None
    return Identifier(text, valid=_is_vin(text))


def _is_vin(text: str) -> bool:
    if len(text) != 17:
        return False
    check = sum(_VIN_VALUES[character] * weight for character, weight in zip(text, _VIN_WEIGHTS, strict=True)) % 11
    return text[8] == ("X" if check == 10 else str(check))
