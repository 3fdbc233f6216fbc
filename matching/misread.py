"""Numbers of persons, documents and vehicles that may have been misread for one another: 0 for D, 8 for B, 1 for 7.

Either may be the one that was misread: what is looked up and what is on record both come from a reader, or from paper
that somebody typed from. Where one of the two passes its check digit, the other is the one that is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from string import digits
from typing import Final

from matching.confusions import LIKELIHOODS, to_mbits
from matching.model import FieldName, Model
from matching.normalising import NormalRecord
from matching.normalising.identifiers import Identifier
from matching.normalising.vins import must_pass
from matching.scoring import FieldScore, Score

NUMBERS: Final[tuple[FieldName, ...]] = ("id_number", "document_number", "vin")
_LONGEST: Final = 20  # characters; of what is longer a number is only a part
_OF_PERSONS: Final = f"{digits}X"  # what numbers with a check digit are made of: one of the two has to pass it
_SLIPS: Final = frozenset({"one_slip", "different"})  # levels that two numbers which look alike may have reached


def _alike() -> Mapping[str, Collection[str]]:
    """For each character those that are taken for it, or it for them."""
    found: dict[str, set[str]] = {}
    for one, other in LIKELIHOODS:
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {character: sorted(others) for character, others in found.items()}


_ALIKE: Final = _alike()


def lookalikes(number: str | Identifier) -> list[str]:
    """Each number that has another character in one place, one that looks like what stands there.

    With two such places a number is so unlikely to be the same that it would not be shown for itself.
    """
    text = number if isinstance(number, str) else number.text
    if len(text) > _LONGEST:
        return []
    is_checked = isinstance(number, Identifier) and number.kind != "vin"
    return [
        text[:at] + other + text[at + 1 :]
        for at, character in enumerate(text)
        for other in _ALIKE.get(character, "")
        if not is_checked or other in _OF_PERSONS
    ]


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
    differing = [pair for pair in zip(written, read, strict=True) if pair[0] != pair[1]]
    return LIKELIHOODS.get(differing[0], 0.0) if len(differing) == 1 else 0.0
