"""The raw fields of a record to the forms that keys and scoring compare; the raw ones are kept beside them.

Every normaliser is idempotent and takes any text; None means: nothing usable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from matching.normalising.dates import normalise_date
from matching.normalising.documents import normalise_document
from matching.normalising.id_numbers import birth_date_of, normalise_id_number, sex_of
from matching.normalising.identifiers import Identifier
from matching.normalising.names import Name, normalise_name
from matching.normalising.phones import normalise_phone
from matching.normalising.plates import Plate, normalise_colour, normalise_plate
from matching.normalising.sexes import normalise_sex
from matching.normalising.text import normalise_text
from matching.normalising.vins import normalise_vin


@dataclass(frozen=True, slots=True)
class Address:
    street: str
    number: str | None


@dataclass(frozen=True, slots=True)
class Locality:
    suburb: str | None
    postcode: str | None
    state: str | None


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
    address: Address | None = None
    locality: Locality | None = None
    make: str | None = None
    colour: str | None = None
    height_cm: int | None = None
    place: str | None = None
    happened_on: str | None = None
    belongings: str | None = None


_HEIGHT_DIGITS = 3
_NORMALISERS: Mapping[str, Callable[[str | None], Any]] = {
    "id_number": normalise_id_number,
    "document_number": normalise_document,
    "sex": normalise_sex,
    "phone": normalise_phone,
    "plate": normalise_plate,
    "plate_colour": normalise_colour,
    "vin": normalise_vin,
    "make": normalise_text,
    "colour": normalise_text,
    "place": normalise_text,
    "happened_on": normalise_date,
    "belongings": normalise_text,
}


def normalise(raw: Mapping[str, Any]) -> NormalRecord:
    """Birth date and sex that are not given are read from a valid identity number."""
    forms = {name: normaliser(raw[name]) for name, normaliser in _NORMALISERS.items() if name in raw}
    forms["name"] = normalise_name(raw.get("name"), raw.get("surname"), raw.get("given_name"))
    forms["birth_date"] = normalise_date(raw.get("date_of_birth"))
    forms["address"], forms["locality"] = _address(raw), _locality(raw)
    forms["height_cm"] = _height(raw.get("height_cm"))
    _read_id_number(forms)
    return NormalRecord(**forms)


def _height(given: int | str | None) -> int | None:
    if isinstance(given, str):
        given = int(given) if given.isascii() and given.isdigit() and len(given) <= _HEIGHT_DIGITS else None
    return given if given and 30 <= given <= 260 else None


def _address(raw: Mapping[str, Any]) -> Address | None:
    street = normalise_text(raw.get("address"))
    return Address(street, normalise_text(raw.get("street_number"))) if street else None


def _locality(raw: Mapping[str, Any]) -> Locality | None:
    parts = [normalise_text(raw.get(name)) for name in ("suburb", "postcode", "state")]
    return Locality(*parts) if any(parts) else None


def _read_id_number(forms: dict[str, Any]) -> None:
    document = forms.get("document_number")
    if forms.get("id_number") is None and document and (number := normalise_id_number(document)) and number.valid:
        forms["id_number"] = number
    if number := forms.get("id_number"):
        forms["birth_date"] = forms["birth_date"] or birth_date_of(number)
        forms["sex"] = forms.get("sex") or sex_of(number)
