"""Candidates of many records, each with its levels and its weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.index.keys import FAMILIES, NAME, hash_of, keyed
from matching.index.store import Index
from matching.levels.forms import Forms, forms
from matching.levels.kernel import Levels, levels
from matching.linking.model_file import Learnt
from matching.linking.weighing import Others, Weigher, Weights
from matching.model import FIELDS
from matching.normalising import NormalRecord, normalise

_PHONE = FAMILIES.index("phone")
_NOBODY = 32  # a hash that no key has
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Candidates:
    """In the order of the records, then of the references."""

    normal: Sequence[NormalRecord]
    record: Places
    reference: Places
    families: NDArray[np.uint32]
    levels: Levels


@dataclass(frozen=True, slots=True)
class Bearers:
    """Per record: how many references besides a pair's own bear its name, and its telephone number."""

    name: NDArray[np.int64]
    phone: NDArray[np.int64]

    def of(self, record: Places) -> Others:
        return Others(self.name[record], self.phone[record])


def candidates(index: Index, raws: Sequence[Mapping[str, str]], day: str, first: int | None) -> Candidates:
    """`first`: the reference that the first record is itself, where a file is compared with itself: each pair once."""
    normal = [normalise(raw) for raw in raws]
    pairs = index.look_up_keyed([keyed(raw, record) for raw, record in zip(raws, normal, strict=True)], day)
    record, reference, families = pairs.record, pairs.reference, pairs.families
    if first is not None:
        later = reference > record + first
        record, reference, families = record[later], reference[later], families[later]
    return Candidates(normal, record, reference, families, _levels(index, forms(normal), record, reference))


def bearers(index: Index, normal: Sequence[NormalRecord], of_itself: bool) -> Bearers:
    names = [hash_of(it.name.ring, NAME) if it.name else _NOBODY for it in normal]
    phones = [hash_of(it.phone, _PHONE) if it.phone else _NOBODY for it in normal]
    own = 2 if of_itself else 1  # the pair's reference bears it, and the record where it is a reference too
    counts = (np.maximum(index.bearing(np.array(keys, dtype=np.uint64)) - own, 0) for keys in (names, phones))
    return Bearers(*counts)


@dataclass(frozen=True, slots=True)
class Scored:
    """Candidates of some records, weighed."""

    found: Candidates
    borne: Bearers
    weights: Weights
    odds: Weights  # log odds that each is a match, in milli-bits


class Scorer:
    def __init__(self, index: Index, learnt: Learnt, day: str, *, of_itself: bool) -> None:
        self._index, self._learnt, self._day, self._of_itself = index, learnt, day, of_itself
        self._weigher = Weigher(learnt.model, len(index))

    def score(self, raws: Sequence[Mapping[str, str]], first: int) -> Scored:
        """`first`: how many records came before these."""
        found = candidates(self._index, raws, self._day, first if self._of_itself else None)
        borne = bearers(self._index, found.normal, self._of_itself)
        weights = self._weigher.weigh(found.levels, borne.of(found.record))
        return Scored(found, borne, weights, self._learnt.odds_mbits(weights))


def _levels(index: Index, records: Forms, record: Places, reference: Places) -> Levels:
    """Of references in the file as built, and of those added since."""
    built = reference < len(index.base)
    if built.all():
        return levels(records, index.base.forms, record, reference)
    found = np.empty((len(record), len(FIELDS)), dtype=np.uint8)
    found[built] = levels(records, index.base.forms, record[built], reference[built])
    found[~built] = levels(records, index.added_forms, record[~built], reference[~built] - len(index.base))
    return found
