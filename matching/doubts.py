"""What of a row cannot be right, and is kept all the same: a slip may be the very reason to compare it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from matching.csv_files import Refusal
from matching.normalising import mrz
from matching.normalising.dates import normalise_date
from matching.normalising.id_numbers import Fault, birth_date_of, fault_of, normalise_id_number, sex_of
from matching.normalising.plates import normalise_colour, normalise_plate
from matching.normalising.sexes import normalise_sex
from matching.normalising.vins import must_pass, normalise_vin

_ID_FAULTS: Mapping[Fault, str] = {
    "form": "has not the form of GB 11643.",
    "region": "begins with no region of GB/T 2260.",
    "birth_date": "holds a birth date that does not exist.",
    "check_digit": "fails the check of GB 11643.",
}
_SEE_DOCUMENT, _SEE_VEHICLE = "Compare it with the document.", "Compare it with the vehicle."


def doubts(row: int, columns: Mapping[str, Any]) -> list[Refusal]:
    return [Refusal(row, *doubt) for doubt in (*_of_person(columns), *_of_vehicle(columns))]


def _of_person(columns: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    number = normalise_id_number(columns["id_number"])
    if number is not None:
        if fault := fault_of(number.text):
            yield "id_number", _ID_FAULTS[fault], _SEE_DOCUMENT
        born, told = birth_date_of(number), normalise_date(columns["date_of_birth"])
        if born and told and not born.startswith(told):
            yield "date_of_birth", f"is {told}, and the identity number says {born}.", _SEE_DOCUMENT
        sex = normalise_sex(columns["sex"])
        if sex and sex_of(number) not in (None, sex):
            yield "sex", "is not the one that the identity number says.", _SEE_DOCUMENT
    zone = mrz.document_number(columns["document_number"])
    if zone is not None and not zone.valid:
        yield "document_number", "fails the check of ICAO 9303.", _SEE_DOCUMENT


def _of_vehicle(columns: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    vin = normalise_vin(columns["vin"])
    if vin is not None and not vin.valid:
        if len(vin.text) != 17:
            yield "vin", f"has {len(vin.text)} places, and ISO 3779 gives it 17.", _SEE_VEHICLE
        elif must_pass(vin.text):
            yield "vin", "fails its check digit, which is required where the vehicle was made.", _SEE_VEHICLE
    plate, colour = normalise_plate(columns["plate"]), normalise_colour(columns["plate_colour"])
    if plate and plate.is_malformed:
        yield "plate", "has no form of GA 36.", _SEE_VEHICLE
    if plate and colour and plate.ground not in (None, colour):
        yield "plate_colour", f"is {colour}, and plates of this form are {plate.ground}.", _SEE_VEHICLE
