"""Numbers of persons, documents and vehicles that may have been misread for one another: 0 for D, 8 for B, 1 for 7.

Either may be the one that was misread: what is looked up and what is on record both come from a reader, or from paper
that somebody typed from. Where one of the two passes its check digit, the other is the one that is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import combinations
from string import digits
from typing import Final

from matching.confusions import LIKELIHOODS, OTHER, to_mbits
from matching.model import FieldName, Model
from matching.normalising import NormalRecord
from matching.normalising.identifiers import Identifier
from matching.normalising.vins import must_pass
from matching.scoring import FieldScore, Score

NUMBERS: Final[tuple[FieldName, ...]] = ("id_number", "document_number", "vin")
_LONGEST: Final = 20  # characters; of what is longer a number is only a part
_OF_PERSONS: Final = f"{digits}X"  # what numbers with a check digit are made of: one of the two has to pass it
_SLIPS: Final = frozenset({"one_slip", "different"})  # levels that two numbers which look alike may have reached


def _alike() -> Mapping[str, Mapping[str, float]]:
    """For each character those that look like it, and how often one of the two is taken for the other."""
    found: dict[str, dict[str, float]] = {}
    for (written, read), likelihood in LIKELIHOODS.items():
        for one, other in ((written, read), (read, written)):
            found.setdefault(one, {}).setdefault(other, 0.0)
            found[one][other] += likelihood
    return found


_ALIKE: Final = _alike()


def lookalikes(number: str | Identifier) -> list[str]:
    """Each number that has another character in one place, one that looks like what stands there.

    Or in two, where both together are no less likely than one that looks like nothing in particular.
    """
    text = number if isinstance(number, str) else number.text
    if len(text) > _LONGEST:
        return []
    turns = list(_turns(text, _OF_PERSONS if isinstance(number, Identifier) and number.kind != "vin" else None))
    found = [_turned(text, it) for it in turns]
    most = max((likelihood for _, _, likelihood in turns), default=0.0)
    likely = [it for it in turns if it[2] * most >= OTHER]
    for one, other in combinations(likely, 2):
        if one[0] != other[0] and one[2] * other[2] >= OTHER:
            found.append(_turned(_turned(text, one), other))
    return found


def as_misread(scored: Score, left: NormalRecord, right: NormalRecord, model: Model) -> Score:
    """The same, but that numbers which look alike weigh what is likely for them rather than for any slip."""
    fields = tuple(_heavier(entry, left, right, model) for entry in scored.fields)
    return Score(fields, sum(entry.weight_mbits for entry in fields))


def _heavier(entry: FieldScore, left: NormalRecord, right: NormalRecord, model: Model) -> FieldScore:
    if entry.field not in NUMBERS or entry.level not in _SLIPS:
        return entry
    a, b = getattr(left, entry.field), getattr(right, entry.field)
    likelihood = _likelihood(a, b)
    if not likelihood:
        return entry
    identical, mbits = model.fields[entry.field]["exact"], to_mbits(likelihood)
    weight = identical.weight_mbits + mbits
    if weight <= entry.weight_mbits:
        return entry
    return FieldScore(entry.field, "confusable", identical.m * 2.0 ** (mbits / 1000), identical.u, weight, None)


def _likelihood(a: str | Identifier, b: str | Identifier) -> float:
    """That one of them was read for the other, against that it was read right; 0 where that cannot be."""
    if isinstance(a, str) or isinstance(b, str):
        return _read_as(str(a), str(b)) + _read_as(str(b), str(a))
    if a.valid != b.valid:
        return _read_as(a.text, b.text) if a.valid else _read_as(b.text, a.text)
    if a.valid or any(it.kind != "vin" or must_pass(it.text) for it in (a, b)):
        return 0.0  # two numbers that are right, or two that are wrong
    return _read_as(a.text, b.text) + _read_as(b.text, a.text)


def _read_as(written: str, read: str) -> float:
    if len(written) != len(read):
        return 0.0
    pairs = zip(written, read, strict=True)
    return math.prod(LIKELIHOODS.get((one, other), 0.0) for one, other in pairs if one != other)


_Turn = tuple[int, str, float]  # the place, what stands there instead, and how likely that is


def _turns(text: str, allowed: str | None) -> Iterator[_Turn]:
    for at, character in enumerate(text):
        for other, likelihood in _ALIKE.get(character, {}).items():
            if allowed is None or other in allowed:
                yield at, other, likelihood


def _turned(text: str, turn: _Turn) -> str:
    at, other, _ = turn
    return text[:at] + other + text[at + 1 :]
