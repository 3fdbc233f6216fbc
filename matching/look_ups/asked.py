"""What somebody asks to have looked up: read as records are, or refused field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from foundation.errors import FieldProblem, InvalidFields
from matching.explanation import both_forms
from matching.index.keys import FAMILIES, Family, Keyed, family_of, keyed_alone
from matching.model import FIELDS, FieldName
from matching.normalising import NormalRecord, normalise
from matching.normalising.dates import normalise_date
from matching.scoring import Record

COLUMNS: Final = (
    *("name", "surname", "given_name", "date_of_birth", "sex", "id_number", "document_number", "phone"),
    *("plate", "plate_colour", "make", "vin", "height_cm", "place"),
)
# What is wrong with a column that cannot be read, by the field that is read of it. What was entered is not repeated.
_UNREAD: Final[Mapping[str, tuple[FieldName, str, str]]] = {
    "date_of_birth": ("birth_date", "this is no date that a calendar has.", "Write YYYY-MM-DD, YYYY-MM or YYYY."),
    "sex": ("sex", "this is not understood.", "Write M or F, 男 or 女, or leave it empty."),
    "id_number": ("id_number", "this is no identity number.", "Write its 15 or 18 places."),
    "document_number": ("document_number", "this is no document number.", "Write its letters and digits."),
    "phone": ("phone", "this is no telephone number.", "Write its digits."),
    "plate": ("plate", "this is no plate.", "Write its 4 to 10 letters and digits."),
    "plate_colour": ("plate_colour", "plates have no such colour.", "Write blue, yellow, green, white or black."),
    "vin": ("vin", "this is no vehicle identification number.", "Write its 17 places."),
}
_NAMES: Final = ("name", "surname", "given_name")
_MEND_EMPTY: Final = "Give a name, a number of any kind, a plate, a full date of birth; or sex, height and place."


@dataclass(frozen=True, slots=True)
class Asked:
    raw: Mapping[str, str]
    normal: NormalRecord
    keys: Keyed

    @property
    def families(self) -> frozenset[Family]:
        """What the record can be found by."""
        return frozenset(FAMILIES[family_of(key)] for key in self.keys.keys)

    @property
    def record(self) -> Record:
        return Record("", "", self.raw, self.normal)

    @property
    def read_as(self) -> list[dict[str, Any]]:
        """Each field that was understood, as it was given and as it is compared."""
        known = [name for name in FIELDS if getattr(self.normal, name) is not None]
        return [{"field": name, **both_forms(self.record, name)} for name in known]


def asked(given: Mapping[str, str | int | None]) -> Asked:
    """Raises `InvalidFields` for what is not understood, and where nothing is given that could be looked up."""
    raw = {name: str(value).strip() for name in COLUMNS if (value := given.get(name))}
    normal = normalise(raw)
    if problems := list(_problems(raw, normal)):
        raise InvalidFields("record", problems)
    found = Asked(raw, normal, keyed_alone(raw, normal))
    if not found.families:
        raise InvalidFields("record", [FieldProblem("name", "there is nothing to look up by.", _MEND_EMPTY)])
    return found


def _problems(raw: Mapping[str, str], normal: NormalRecord) -> Iterator[FieldProblem]:
    if normal.name is None and (named := [name for name in _NAMES if raw.get(name)]):
        yield FieldProblem(named[0], "this is no name.", "Write it in hanzi, in pinyin or in Latin letters.")
    for column, (field, what, mend) in _UNREAD.items():
        # A date of birth that cannot be read is told although the identity number has one.
        read = normalise_date(raw.get(column)) if column == "date_of_birth" else getattr(normal, field)
        if raw.get(column) and read is None:
            yield FieldProblem(column, what, mend)
