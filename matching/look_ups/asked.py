"""What somebody asks to have looked up: read as records are, or refused field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from foundation.errors import FieldProblem, InvalidFields
from matching.explanation import both_forms
from matching.index.keys import FAMILIES, Family, Keyed, family_of, keyed
from matching.model import FIELDS
from matching.normalising import NormalRecord, normalise
from matching.record_rows import RowRefused, refuse_unfit
from matching.scoring import Record

COLUMNS: Final = (
    *("name", "surname", "given_name", "date_of_birth", "sex", "id_number", "document_number", "phone"),
    *("plate", "plate_colour", "make", "vin", "height_cm", "place"),
)
# What is read of one column alone, and so says nothing where that cannot be read.
_READ_ALONE: Final = {
    "id_number": ("this is no identity number.", "Write its 15 or 18 places."),
    "document_number": ("this is no document number.", "Write its letters and digits."),
    "phone": ("this is no telephone number.", "Write its digits."),
    "plate": ("this is no plate.", "Write its 4 to 10 letters and digits."),
    "vin": ("this is no vehicle identification number.", "Write its 17 places."),
}
_MEND_EMPTY: Final = "Give a name, a number of any kind, a plate, a full date of birth; or sex, height and place."


@dataclass(frozen=True, slots=True)
class Asked:
    raw: Mapping[str, Any]
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
    raw: dict[str, Any] = {name: _tidy(value) for name in COLUMNS if (value := given.get(name))}
    normal = normalise(raw)
    problems = [*_unfit(raw), *_unread(raw, normal)]
    if problems:
        raise InvalidFields("record", problems)
    found = Asked(raw, normal, keyed(raw, normal))
    if not found.families:
        raise InvalidFields("record", [FieldProblem("name", "there is nothing to look up by.", _MEND_EMPTY)])
    return found


def _tidy(value: str | int) -> str | int:
    return value.strip() if isinstance(value, str) else value


def _unfit(raw: Mapping[str, Any]) -> Iterator[FieldProblem]:
    for name in ("date_of_birth", "sex", "plate_colour"):
        try:
            refuse_unfit({"record_id": "-", name: raw.get(name, "")})
        except RowRefused as refused:
            yield FieldProblem(refused.column, refused.reason, refused.mend)


def _unread(raw: Mapping[str, Any], normal: NormalRecord) -> Iterator[FieldProblem]:
    for name, said in _READ_ALONE.items():
        if raw.get(name) and getattr(normal, name) is None:
            yield FieldProblem(name, *said)
    named = [name for name in ("name", "surname", "given_name") if raw.get(name)]
    if named and normal.name is None:
        yield FieldProblem(named[0], "this is no name.", "Write it in hanzi, in pinyin or in Latin letters.")
