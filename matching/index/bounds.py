"""The most that references can weigh against one record, by their forms alone: many at once, none of them normalised.

Per field the forms tell a case, which leaves some of the levels possible; of those the heaviest counts. So no reference
weighs more than is said here, and most weigh little less.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np

from matching.index.beside import Beside, Flags, Numbers
from matching.levels.forms import CHINESE, TRANSLITERATED, VALID_ID, VALID_VIN, Forms
from matching.levels.name_parts import MOST_PARTS
from matching.model import MODEL, FieldName, Level, Model, adjusted_u, weight_mbits
from matching.normalising import NormalRecord

Levels = Sequence[str]
_NOTHING = ""  # is compared
_SHORTEST_NEAR = 3  # characters of a name
_DIGITS = 10 ** np.arange(8)
_NEAR, _OTHER, _PART = 3, 4, 7  # cases of names that are of two people
_PAIRED = 2  # parts of a name, each of which has one like
_TWO_SLIPS = 8  # letters of a part, in which two slips are


def at_most(
    wanted: NormalRecord, held: Forms, at: Numbers, fields: Sequence[FieldName], model: Model, records: int | None
) -> Numbers:
    """In milli-bits, of the references `at` these places. A text that a form leaves out counts as none.

    `records`: how many there are, where weights are adjusted by how many bear a value.
    """
    pairs = _Pairs(wanted, held, at)
    total = np.zeros(len(at), dtype=np.int64)
    for field in fields:
        if getattr(wanted, field) is not None:
            case_of, cases = _CASES[field]
            heaviest = {name: _heaviest(level, records) for name, level in model.fields[field].items()}
            heaviest[_NOTHING] = 0
            most = [max(map(heaviest.__getitem__, levels)) for levels in cases]
            total += np.array(most)[case_of(pairs)]
    return total


def _heaviest(level: Level, records: int | None) -> int:
    """Where nobody else bears the value."""
    if records is None or not level.by_frequency:
        return weight_mbits(level.m, level.u)
    return weight_mbits(level.m, adjusted_u(level, 0, records))


class _Pairs(Beside):
    """Whose names are compared for several fields."""

    def __init__(self, wanted: NormalRecord, held: Forms, at: Numbers) -> None:
        super().__init__(wanted, held, at)
        self._parts = wanted.name.romanised.split() if wanted.name else []

    @cached_property
    def names(self) -> Numbers:
        chinese = self.each(CHINESE)
        case = self._chinese_names() if chinese.any() else np.zeros(len(chinese), dtype=np.int64)
        if not chinese.all():
            case = np.where(chinese, case, self._names_in_letters())
        return np.where(self.text("plain").both, case, 0)

    def _chinese_names(self) -> Numbers:
        plain = self.text("plain")
        same = plain.same | self.text("romanised").same | self.equal("ring")
        close = self._sound() | self.text("foreign").both
        near = plain.near & (self.shorter("plain") >= _SHORTEST_NEAR)
        return np.where(same, 1, np.where(close, 2, np.where(near, _NEAR, _OTHER)))

    def _names_in_letters(self) -> Numbers:
        same = self.text("plain").same | self.text("romanised").same | self.readings_meet()
        if len(self._parts) > MOST_PARTS:  # those beyond are not compared
            same[:] = True
        close = self._sound() | self.text("reading").near | self._parts_may_be_close()
        return np.where(self.either(CHINESE), 5, 8) + np.where(same, 0, np.where(close, 1, 2))

    def _parts_may_be_close(self) -> Flags:
        """Each part with its like, or two of them joined; of few parts these are pairs, whose edits add up."""
        if len(self._parts) > _PAIRED or any(len(part) == 1 for part in self._parts):
            return np.ones(len(self.rows), dtype=np.bool_)
        edits = max(2, sum(2 if len(part) >= _TWO_SLIPS else 1 for part in self._parts))
        close: Flags = self.letters_apart("romanised", 2 * edits) <= 2 * edits
        return close | self.has_initial("romanised")

    def _sound(self) -> Flags:
        """Whether the consonants are those of one name from another language."""
        return self.either(TRANSLITERATED) & self.both("sound") & self.equal("sound")

    @cached_property
    def are_two_people(self) -> Flags:
        """By their names, and surely."""
        renamed = self.both("family") & ~self.equal("family")
        of_two: Flags = (self.names == _OTHER) | (((self.names == _NEAR) | (self.names == _PART)) & ~renamed)
        return of_two


def _names(pairs: _Pairs) -> Numbers:
    return pairs.names


def _id_numbers(pairs: _Pairs) -> Numbers:
    text = pairs.text("id_number")
    of_one_kind = pairs.equal("id_kind") & pairs.as_long("id_number")
    case = np.where(pairs.each(VALID_ID), np.where(of_one_kind, 4, 3), np.where(text.near, 2, 3))
    return np.where(text.both, np.where(text.same, 1, case), 0)


def _birth_dates(pairs: _Pairs) -> Numbers:
    ours, theirs = int(pairs.own["born"]), pairs.rows["born"].astype(np.int64)
    by_month, by_year = (theirs % 100 == 0) | (ours % 100 == 0), (theirs % 10_000 == 0) | (ours % 10_000 == 0)
    year = theirs // 10_000 == ours // 10_000
    exchanged = ours // 10_000 * 10_000 + ours % 100 * 100 + ours // 100 % 100
    differing = np.count_nonzero(theirs[:, np.newaxis] // _DIGITS % 10 != ours // _DIGITS % 10, axis=1)
    case = np.where(differing <= 2, 2, np.where(year, 3, 4))
    case = np.where(theirs == ours, 1, np.where(theirs == exchanged, 5, case))
    case = np.where(by_month, np.where(theirs // 100 == ours // 100, 6, 7), case)
    case = np.where(by_year, np.where(year, 8, 9), case)
    return np.where(theirs != 0, case, 0)


def _sexes(pairs: _Pairs) -> Numbers:
    return np.where(pairs.both("sex"), np.where(pairs.equal("sex"), 1, 2), 0)


def _vins(pairs: _Pairs) -> Numbers:
    text = pairs.text("vin")
    case = np.where(pairs.each(VALID_VIN), 4, np.where(text.near, 2, 3))
    return np.where(text.both, np.where(text.same, 1, case), 0)


def _numbers(name: str) -> Callable[[_Pairs], Numbers]:
    def case(pairs: _Pairs) -> Numbers:
        text = pairs.text(name)
        return np.where(text.both, np.where(text.same, 1, np.where(text.near, 2, 3)), 0)

    return case


def _phones(pairs: _Pairs) -> Numbers:
    case = _numbers("phone")(pairs)
    return np.where((case == 1) & pairs.are_two_people, 4, case)


def _plate_colours(pairs: _Pairs) -> Numbers:
    return np.where(pairs.text("plate").same & pairs.both("plate_colour"), 1, 0)


def _addresses(pairs: _Pairs) -> Numbers:
    street = pairs.text("street")
    case = np.where(pairs.are_two_people, 3, np.where(street.same, 1, 2))
    return np.where(street.both, case, 0)


def _localities(pairs: _Pairs) -> Numbers:
    postcode, suburb, state = pairs.text("postcode"), pairs.text("suburb"), pairs.text("state")
    known = postcode.both | suburb.both
    apart = (postcode.both & ~postcode.same) | (suburb.both & ~suburb.same)
    far = postcode.both & ~postcode.same & ~postcode.near  # what suburbs are is not known
    near = postcode.same | suburb.same | ~far
    case = np.where(apart, np.where(near, 2, np.where(state.same, 3, 4)), 1)
    return np.where(known, case, np.where(state.both, 3, 0))


def _texts(name: str) -> Callable[[_Pairs], Numbers]:
    return lambda pairs: np.where(pairs.text(name).both, 1, 0)


def _columns(name: str) -> Callable[[_Pairs], Numbers]:
    return lambda pairs: np.where(pairs.both(name), 1, 0)


def _every(field: FieldName, script: str | None = None) -> Levels:
    """Of names, the levels of one script alone."""
    return tuple(level for level in MODEL[field] if script is None or level.startswith(script))


# Per field which case each pair is, and the levels that a case leaves possible; the first is that a side lacks it.
_ABSENT: Levels = (_NOTHING,)
_EDITED: tuple[Levels, ...] = (("one_slip", "different"), ("different",))
_CASES: Mapping[FieldName, tuple[Callable[[_Pairs], Numbers], tuple[Levels, ...]]] = {
    "name": (
        _names,
        (
            _ABSENT,
            ("exact", "homophone", "close", "one_character", "different"),
            ("close", "one_character", "different"),
            ("one_character", "different"),
            ("different",),
            _every("name", "romanised"),
            ("romanised_close", "romanised_part", "romanised_different"),
            ("romanised_part", "romanised_different"),
            _every("name", "latin"),
            ("latin_close", "latin_within", "latin_part", "latin_different"),
            ("latin_within", "latin_part", "latin_different"),
        ),
    ),
    "birth_date": (
        _birth_dates,
        (
            _ABSENT,
            ("exact", "implied"),
            ("one_slip", "two_slips"),
            ("same_year",),
            ("different",),
            ("swapped",),
            ("partial_month",),
            ("partial_month_different",),
            ("partial_year",),
            ("partial_year_different",),
        ),
    ),
    "sex": (_sexes, (_ABSENT, ("same", "implied"), ("different",))),
    "id_number": (_id_numbers, (_ABSENT, _every("id_number"), *_EDITED, ("two_valid",))),
    "document_number": (_numbers("document_number"), (_ABSENT, _every("document_number"), *_EDITED)),
    "phone": (_phones, (_ABSENT, _every("phone"), *_EDITED, ("one_slip", "different", "household"))),
    "plate": (_numbers("plate"), (_ABSENT, _every("plate"), ("different",), ("different",))),
    "plate_colour": (_plate_colours, (_ABSENT, (_NOTHING, *_every("plate_colour")))),
    "vin": (_vins, (_ABSENT, _every("vin"), *_EDITED, ("two_valid",))),
    "address": (
        _addresses,
        (_ABSENT, _every("address"), ("close", "different", "household"), ("different", "household")),
    ),
    "locality": (
        _localities,
        (_ABSENT, _every("locality"), ("near", "state", "different"), ("state", "different"), ("different",)),
    ),
    "make": (_texts("make"), (_ABSENT, _every("make"))),
    "colour": (_texts("colour"), (_ABSENT, _every("colour"))),
    "height_cm": (_columns("height"), (_ABSENT, _every("height_cm"))),
    "place": (_texts("place"), (_ABSENT, _every("place"))),
    "happened_on": (_columns("happened"), (_ABSENT, _every("happened_on"))),
    "belongings": (_texts("belongings"), (_ABSENT, _every("belongings"))),
}
