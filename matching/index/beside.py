"""What the forms of references say beside that of one record: many at once, text by text and column by column."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.levels.forms import TEXTS, Forms, forms
from matching.normalising import NormalRecord

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]
_COMPARED = 64  # units of a text that are looked at
_RINGS = TEXTS.index("rings")
_RING = 4  # units of a hash


class Text(NamedTuple):
    both: Flags  # sides have it
    same: Flags  # perhaps, where the text is long
    near: Flags  # perhaps one edit apart, or the same


class Beside:
    def __init__(self, wanted: NormalRecord, held: Forms, at: Numbers) -> None:
        """The record beside the references `at` these places."""
        self._form, self._heap = forms([wanted]), held.heap
        self.own, self.rows = self._form.rows[0], held.rows[at]
        ends = np.pad(self.rows["ends"].T.astype(np.int64), ((1, 0), (0, 0)))
        self._begin: Numbers = self.rows["at"].astype(np.int64) + ends[:-1]
        self._lengths: Numbers = np.diff(ends, axis=0)
        self._own_begin, self._own_lengths = _spans(self.own["ends"])

    def both(self, column: str) -> Flags:
        have: Flags = (self.rows[column] != 0) & (self.own[column] != 0)
        return have

    def equal(self, column: str) -> Flags:
        equal: Flags = self.rows[column] == self.own[column]
        return equal

    def either(self, flag: int) -> Flags:
        either: Flags = ((self.rows["flags"] | self.own["flags"]) & flag) != 0
        return either

    def each(self, flag: int) -> Flags:
        each: Flags = (self.rows["flags"] & self.own["flags"] & flag) != 0
        return each

    def shorter(self, name: str) -> Numbers:
        """The length of the shorter text, in units."""
        which = TEXTS.index(name)
        shorter: Numbers = np.minimum(self._lengths[which], self._own_lengths[which])
        return shorter

    def as_long(self, name: str) -> Flags:
        which = TEXTS.index(name)
        as_long: Flags = self._lengths[which] == self._own_lengths[which]
        return as_long

    def text(self, name: str) -> Text:
        which = TEXTS.index(name)
        return Text(*(of[which] for of in self._texts))

    @cached_property
    def _texts(self) -> tuple[Flags, Flags, Flags]:
        """A row a text, a column a reference."""
        longer = np.abs(self._lengths - self._own_lengths[:, np.newaxis])
        both = (self._lengths > 0) & (self._own_lengths > 0)[:, np.newaxis]
        same, near = np.zeros_like(both), both & (longer == 1)
        which = np.flatnonzero(self._own_lengths)
        if len(which):
            differing, sums = self._differing(which)
            one_edit = (differing <= 1) | ((differing == 2) & (sums == 0))  # two neighbours may be exchanged
            one_edit |= (self._own_lengths[which] > _COMPARED)[:, np.newaxis]
            alike = both[which] & (longer[which] == 0)
            same[which] = alike & (differing == 0)
            near[which] |= alike & one_edit
        return both, same, near

    def _differing(self, which: Numbers) -> tuple[Numbers, Numbers]:
        """Of texts that are as long: how many units differ, and by how much their sums do."""
        compared = np.minimum(self._own_lengths[which], _COMPARED)
        first = np.cumsum(compared) - compared
        within = np.arange(compared.sum()) - np.repeat(first, compared)
        ours = self._form.heap[np.repeat(self._own_begin[which], compared) + within].astype(np.int64)[:, np.newaxis]
        at = np.repeat(self._begin[which], compared, axis=0) + within[:, np.newaxis]
        apart = self._heap.take(at, mode="clip") - ours
        return np.add.reduceat(apart != 0, first, axis=0, dtype=np.int64), np.add.reduceat(apart, first, axis=0)

    def readings_meet(self) -> Flags:
        """Whether one reading of the name is one of the reference's: all are hashes."""
        begin, length = self._own_begin[_RINGS], self._own_lengths[_RINGS]
        ours = self._form.heap[begin : begin + length].view("<u8") if length else self.own["ring"][np.newaxis]
        met: Flags = (self.rows["ring"][:, np.newaxis] == ours).any(axis=1)
        which, at = _each(self._begin[_RINGS], self._lengths[_RINGS] // _RING)
        theirs = self._heap[at[:, np.newaxis] + np.arange(_RING)].view("<u8")
        met[which[(theirs == ours).any(axis=1)]] = True
        return met


def _spans(ends: NDArray[np.uint16]) -> tuple[Numbers, Numbers]:
    bounds = np.pad(ends.astype(np.int64), (1, 0))
    return bounds[:-1], np.diff(bounds)


def _each(begin: Numbers, count: Numbers) -> tuple[Numbers, Numbers]:
    """Whose each hash is, and where it stands."""
    which = np.repeat(np.arange(len(begin)), count)
    within = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    return which, begin[which] + _RING * within
