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
_BLANK, _BLANKS = ord(" "), 2  # more or less between as many letters
_LETTERS = 64  # counters; letters that share one make two texts look more alike


class Text(NamedTuple):
    both: Flags  # sides have it
    same: Flags  # perhaps, where the text is long
    near: Flags  # perhaps one edit apart, or the same


class Beside:
    def __init__(self, wanted: NormalRecord, held: Forms, at: Numbers) -> None:
        """The record beside the references `at` these places."""
        self._form, self._heap = forms([wanted]), held.heap
        self.own, self.rows = self._form.rows[0], held.rows[at]
        begin, self._lengths = _spans(self.rows["ends"].T)  # a row a text, a column a reference
        self._begin: Numbers = self.rows["at"].astype(np.int64) + begin
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

    def _differing(self, which: Numbers) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Of texts that are as long: how many units differ, and by how much their sums do."""
        compared = np.minimum(self._own_lengths[which], _COMPARED)
        first = np.cumsum(compared) - compared
        within = np.arange(compared.sum()) - np.repeat(first, compared)
        ours = self._form.heap[np.repeat(self._own_begin[which], compared) + within].astype(np.int32)[:, np.newaxis]
        at = np.repeat(self._begin[which], compared, axis=0) + within[:, np.newaxis]
        apart = self._heap.take(at, mode="clip") - ours
        return np.add.reduceat(apart != 0, first, axis=0, dtype=np.int32), np.add.reduceat(apart, first, axis=0)

    def letters_apart(self, name: str, most: int) -> Numbers:
        """How many letters the one text has and the other lacks; of texts that so many tell apart, more than `most`."""
        which = TEXTS.index(name)
        begin, length = self._own_begin[which], self._own_lengths[which]
        near = np.flatnonzero(np.abs(self._lengths[which] - length) <= most + _BLANKS)
        whose, at = _each(self._begin[which][near], self._lengths[which][near], 1)
        letters = self._heap[at].astype(np.int64) % _LETTERS
        counts = np.bincount(whose * _LETTERS + letters, minlength=len(near) * _LETTERS).reshape(-1, _LETTERS)
        ours = np.bincount(self._form.heap[begin : begin + length] % _LETTERS, minlength=_LETTERS)
        apart = np.full(len(self.rows), most + 1)
        apart[near] = np.delete(np.abs(counts - ours), _BLANK, axis=1).sum(axis=1)
        return apart

    def has_initial(self, name: str) -> Flags:
        """Whether the first or the last of its parts is a single letter."""
        begin, length = self._begin[TEXTS.index(name)], self._lengths[TEXTS.index(name)]
        second, last_but_one = (self._heap.take(at, mode="clip") for at in (begin + 1, begin + length - 2))
        initial: Flags = (length == 1) | (second == _BLANK) | (last_but_one == _BLANK)
        return initial

    def readings_meet(self) -> Flags:
        """Whether one reading of the name is one of the reference's: all are hashes."""
        begin, length = self._own_begin[_RINGS], self._own_lengths[_RINGS]
        ours = self._form.heap[begin : begin + length].view("<u8") if length else self.own["ring"][np.newaxis]
        met: Flags = (self.rows["ring"][:, np.newaxis] == ours).any(axis=1)
        which, at = _each(self._begin[_RINGS], self._lengths[_RINGS] // _RING, _RING)
        theirs = self._heap[at[:, np.newaxis] + np.arange(_RING)].view("<u8")
        met[which[(theirs == ours).any(axis=1)]] = True
        return met


def _spans(ends: NDArray[np.uint16]) -> tuple[Numbers, Numbers]:
    """Where each text begins, and its length."""
    bounds = np.zeros((len(ends) + 1, *ends.shape[1:]), dtype=np.int64)
    bounds[1:] = ends
    return bounds[:-1], bounds[1:] - bounds[:-1]


def _each(begin: Numbers, count: Numbers, step: int) -> tuple[Numbers, Numbers]:
    """Of spans of so many items: whose each item is, and where it stands."""
    which = np.repeat(np.arange(len(begin)), count)
    within = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    return which, begin[which] + step * within
