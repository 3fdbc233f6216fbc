"""Candidates of many records, each with its levels and its weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.index.keys import FAMILIES, NAME, hash_of, keyed
from matching.index.store import Index
from matching.levels.forms import Forms, forms
from matching.levels.kernel import Bar, Levels, likely, no_bar
from matching.linking.model_file import Learnt
from matching.linking.weighing import Others, Weigher, Weights
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
    asked = Asked(index, raws, day, first)
    return asked.reaching(no_bar(len(raws)))


class Asked:
    """Records, and the pairs in which they share a key with a reference."""

    def __init__(self, index: Index, raws: Sequence[Mapping[str, str]], day: str, first: int | None) -> None:
        self._index = index
        self.normal = [normalise(raw) for raw in raws]
        keys = [keyed(raw, record) for raw, record in zip(raws, self.normal, strict=True)]
        pairs = index.look_up_keyed(keys, day)
        self._record, self._reference, self._families = pairs.record, pairs.reference, pairs.families
        if first is not None:
            self._keep(pairs.reference > pairs.record + first)

    def __len__(self) -> int:
        """Pairs."""
        return len(self._record)

    def reaching(self, bar: Bar) -> Candidates:
        """The pairs whose weights add up to what is asked."""
        kept, levels = _likely(self._index, forms(self.normal), self._record, self._reference, bar)
        return Candidates(self.normal, self._record[kept], self._reference[kept], self._families[kept], levels)

    def _keep(self, which: NDArray[np.bool_]) -> None:
        self._record, self._reference = self._record[which], self._reference[which]
        self._families = self._families[which]


def bearers(index: Index, normal: Sequence[NormalRecord], of_itself: bool) -> Bearers:
    names = [hash_of(it.name.ring, NAME) if it.name else _NOBODY for it in normal]
    phones = [hash_of(it.phone, _PHONE) if it.phone else _NOBODY for it in normal]
    own = 2 if of_itself else 1  # the pair's reference bears it, and the record where it is a reference too
    counts = (np.maximum(index.bearing(np.array(keys, dtype=np.uint64)) - own, 0) for keys in (names, phones))
    return Bearers(*counts)


@dataclass(frozen=True, slots=True)
class Scored:
    """Pairs of some records, weighed."""

    found: Candidates
    borne: Bearers
    weights: Weights
    odds: Weights  # log odds that each is a match, in milli-bits
    candidates: int  # of which these are those that were asked for


class Scorer:
    def __init__(self, index: Index, learnt: Learnt, day: str, *, of_itself: bool) -> None:
        self._index, self._learnt, self._day, self._of_itself = index, learnt, day, of_itself
        self._weigher = Weigher(learnt.model, len(index))

    def score(self, raws: Sequence[Mapping[str, str]], first: int, least_mbits: int | None = None) -> Scored:
        """`first`: how many records came before these. Pairs of fewer odds than `least_mbits` are left out."""
        asked = Asked(self._index, raws, self._day, first if self._of_itself else None)
        borne = bearers(self._index, asked.normal, self._of_itself)
        found = asked.reaching(self._bar(borne, least_mbits))
        weights = self._weigher.weigh(found.levels, borne.of(found.record))
        return Scored(found, borne, weights, self._learnt.odds_mbits(weights), len(asked))

    def _bar(self, borne: Bearers, least_mbits: int | None) -> Bar:
        if least_mbits is None:
            return no_bar(len(borne.name))
        return self._weigher.bar(Others(borne.name, borne.phone), self._learnt.least_weight(least_mbits))


def _likely(index: Index, records: Forms, record: Places, reference: Places, bar: Bar) -> tuple[Places, Levels]:
    """With references in the file as built, and with those added since."""
    built = reference < len(index.base)
    if built.all():
        return likely(records, index.base.forms, record, reference, bar)
    places, found = [], []
    for those, of, begin in ((built, index.base.forms, 0), (~built, index.added_forms, len(index.base))):
        at = np.flatnonzero(those)
        kept, levels = likely(records, of, record[at], reference[at] - begin, bar)
        places.append(at[kept])
        found.append(levels)
    order = np.argsort(np.concatenate(places))
    return np.concatenate(places)[order], np.concatenate(found)[order]
