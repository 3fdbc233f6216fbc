"""Plates on record, in memory: those identical to a read, those that readers confuse with it, those one edit away.

A plate's hash is the sum of a random number for each character at its place, so each variant of a read costs an
addition. A bitmap tells most that are not on record; the rest are looked for in an open-addressing table whose slots
stand in the order of the hashes. Two plates have one hash about once in 2^64.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from matching.confusions import EXTRA_MBITS, LOST_MBITS, MOST_MBITS, OTHER_MBITS
from matching.plates.alphabet import LONGEST, Alphabet, Hashes, Symbols
from matching.plates.confusions import CONFUSED, mistaken, turned_mbits

_FILL = 0.6
_FILTER_BITS = 12  # of the bitmap for each plate
_SPARE_SLOTS = 4096  # behind the last slot that a hash is scaled to
_CHUNK = 2048  # reads at once: their variants then stay in the cache
_BUILT_AT_ONCE = 500_000

Difference = Literal["confusable", "one_edit"]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]
Mbits = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Found:
    """Reads with plates on record, both by their places in what was given, and the weight of what differs.

    `mbits` is log2 of P(read | plate) against P(read right | plate): 0 where they are identical.
    """

    read: Places
    plate: Places
    mbits: Mbits


@dataclass(frozen=True, slots=True)
class Other:
    """A plate on record, by its place, that one read may be besides an identical one; `mbits` as in `Found`."""

    plate: int
    difference: Difference
    mbits: int


@dataclass(frozen=True, slots=True)
class _Variants:
    """What may be on record in place of a read: the reads by their places in the chunk, and the variants' hashes."""

    read: Places
    hashes: Hashes
    mbits: Mbits

    def __getitem__(self, at: Places) -> _Variants:
        return _Variants(self.read[at], self.hashes[at], self.mbits[at])


class PlateIndex:
    def __init__(self, plates: Sequence[str]) -> None:
        """Normalised plates of 1 to 10 characters; one may stand there several times."""
        self._alphabet = alphabet = Alphabet(plates, CONFUSED)
        self._mistaken = mistaken(alphabet)
        self._turned = turned_mbits(alphabet)
        # Of each length and place, the characters on record: no other variant can be found.
        self._used = np.zeros((LONGEST + 2, LONGEST + 1, alphabet.size), dtype=np.bool_)
        hashes = np.empty(len(plates), dtype=np.uint64)
        for begin in range(0, len(plates), _BUILT_AT_ONCE):
            symbols = alphabet.symbols(plates[begin : begin + _BUILT_AT_ONCE])
            hashes[begin : begin + len(symbols)] = alphabet.hashes(symbols)
            self._note_used(symbols)
        self._fill(hashes)

    @property
    def bytes(self) -> int:
        return self._hashes.nbytes + self._plates.nbytes + self._filter.nbytes

    def identical(self, reads: Sequence[str]) -> Found:
        read, plate = self._find(self._alphabet.hashes(self._alphabet.symbols(reads)))
        return Found(read, plate, np.zeros(len(read), dtype=np.int32))

    def confusable(self, reads: Sequence[str]) -> Found:
        """Identical plates, and those of which one character was taken for another that looks alike.

        Or two, where both together are no less likely than one that looks like nothing in particular.
        """
        return self._gathered(reads, self._swapped)

    def neighbours(self, reads: Sequence[str]) -> Found:
        """Identical plates, and those with one character more, fewer, or another."""
        return self._gathered(reads, self._edited)

    def others(self, read: str) -> list[Other]:
        """What is not identical of both; a plate that is in both counts as confusable."""
        kinds: tuple[tuple[Difference, Found], ...] = (
            ("one_edit", self.neighbours([read])),
            ("confusable", self.confusable([read])),
        )
        found = {
            plate: Other(plate, difference, mbits)
            for difference, it in kinds
            for plate, mbits in zip(it.plate.tolist(), it.mbits.tolist(), strict=True)
            if mbits
        }
        return list(found.values())

    def _note_used(self, symbols: Symbols) -> None:
        lengths = np.count_nonzero(symbols, axis=1)
        for length in np.unique(lengths):
            of_length = symbols[lengths == length]
            for place in range(length):
                self._used[length, place, np.bincount(of_length[:, place]).nonzero()] = True

    def _fill(self, hashes: Hashes) -> None:
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        self._slots = max(1, int(len(hashes) / _FILL))
        steps = np.arange(len(hashes))
        at = np.maximum.accumulate(self._ideal(ordered) - steps) + steps
        length = max(self._slots, int(at[-1]) + 1 if len(at) else 0) + _SPARE_SLOTS
        self._hashes, self._plates = np.zeros(length, dtype=np.uint64), np.zeros(length, dtype=np.uint32)
        self._hashes[at], self._plates[at] = ordered, order
        bits = max(6, (_FILTER_BITS * len(hashes)).bit_length())
        self._shift = np.uint64(64 - bits)
        taken = np.zeros(1 << bits, dtype=np.bool_)
        taken[ordered >> self._shift] = True
        self._filter = np.packbits(taken, bitorder="little")

    def _ideal(self, hashes: Hashes) -> Places:
        return ((hashes >> np.uint64(32)) * np.uint64(self._slots) >> np.uint64(32)).astype(np.int64)

    def _find(self, hashes: Hashes) -> tuple[Places, Places]:
        """Which of the hashes are on record, and the plates that have them."""
        read, at = np.arange(len(hashes)), self._ideal(hashes)
        reads, plates = [read[:0]], [read[:0]]
        while len(read):
            held = self._hashes[at]
            same = (held == hashes) & (held != 0)
            reads.append(read[same])
            plates.append(self._plates[at[same]].astype(np.int64))
            further = np.flatnonzero((held != 0) & (held <= hashes))
            read, at, hashes = read[further], at[further] + 1, hashes[further]
        return np.concatenate(reads), np.concatenate(plates)

    def _gathered(self, reads: Sequence[str], variants: Callable[[_Spelled], Iterator[_Variants]]) -> Found:
        """What the variants of the reads find, and the identical ones; of each read the likeliest first."""
        found = [self.identical(reads)]
        symbols = self._alphabet.symbols(reads)
        lengths = np.count_nonzero(symbols, axis=1)
        for length in np.unique(lengths[lengths > 0]).tolist():
            of_length = np.flatnonzero(lengths == length)
            for begin in range(0, len(of_length), _CHUNK):
                chunk = of_length[begin : begin + _CHUNK]
                spelled = _Spelled(self._alphabet, symbols[chunk, :length])
                found += [self._found(chunk, it) for it in variants(spelled)]
        read, plate, mbits = (
            np.concatenate([getattr(it, name) for it in found]) for name in ("read", "plate", "mbits")
        )
        order = np.lexsort((plate, -mbits, read))
        return Found(read[order], plate[order], mbits[order])

    def _found(self, chunk: Places, variants: _Variants) -> Found:
        position = variants.hashes >> self._shift
        taken = (self._filter[position >> np.uint64(3)] >> (position & np.uint64(7)).astype(np.uint8)) & 1
        left = variants[np.flatnonzero(taken)]
        at, plate = self._find(left.hashes)
        return Found(chunk[left.read[at]], plate, left.mbits[at])

    def _swapped(self, spelled: _Spelled) -> Iterator[_Variants]:
        misfits = ~spelled.fits(self._used[spelled.length])
        swaps, place = self._swaps(spelled)
        # That many characters at other places stand where none on record does; a swap mends the one at its own.
        mended = misfits[swaps.read, place]
        unmended = misfits.sum(axis=1)[swaps.read] - mended
        one = swaps[np.flatnonzero(unmended == 0)]
        yield _Variants(one.read, spelled.whole[one.read] + one.hashes, one.mbits)
        common = np.flatnonzero(swaps.mbits >= OTHER_MBITS - MOST_MBITS)
        first, second = (common[each] for each in _pairs(swaps.read[common], place[common]))
        likely = swaps.mbits[first] + swaps.mbits[second] >= OTHER_MBITS
        both = np.flatnonzero(likely & (unmended[first] == mended[second]))
        one, other = swaps[first[both]], swaps[second[both]]
        yield _Variants(one.read, spelled.whole[one.read] + one.hashes + other.hashes, one.mbits + other.mbits)

    def _swaps(self, spelled: _Spelled) -> tuple[_Variants, Places]:
        """What single swaps add to hashes, and at which place, in the order of reads and places."""
        hashes, allowed, mbits, places = [], [], [], []
        for place in range(spelled.length):
            read = spelled.symbols[:, place, None]
            written = self._mistaken[read[:, 0]]
            numbers = self._alphabet.at[place]
            hashes.append(numbers[written] - numbers[read])
            allowed.append(self._used[spelled.length, place][written])
            mbits.append(self._turned[written, read])
            places.append(np.full(written.shape[1], place))
        at = np.flatnonzero(np.hstack(allowed))
        columns = np.concatenate(places)
        swaps = _Variants(at // len(columns), np.hstack(hashes).ravel()[at], np.hstack(mbits).ravel()[at])
        return swaps, columns[at % len(columns)]

    def _edited(self, spelled: _Spelled) -> Iterator[_Variants]:
        yield from self._substituted(spelled)
        yield from self._lengthened(spelled)
        yield from self._shortened(spelled)

    def _substituted(self, spelled: _Spelled) -> Iterator[_Variants]:
        used: Flags = self._used[spelled.length]
        fits = spelled.fits(used)
        for place in range(spelled.length):
            read, written = spelled.symbols[:, place, None], np.flatnonzero(used[place])
            numbers = self._alphabet.at[place]
            hashes = (spelled.whole[:, None] - numbers[read]) + numbers[written]
            others_fit = _all(np.delete(fits, place, axis=1))
            yield _allowed(hashes, np.not_equal(written, read) & others_fit[:, None], self._turned[written, read])

    def _lengthened(self, spelled: _Spelled) -> Iterator[_Variants]:
        """A character was lost: each that may have stood before each place, or at the end."""
        if spelled.length == LONGEST:
            return
        used: Flags = self._used[spelled.length + 1]
        before, behind = spelled.fits(used), spelled.fits(used, 1)
        prefix, suffix = spelled.prefixes(), spelled.suffixes(1)
        for place in range(spelled.length + 1):
            written = np.flatnonzero(used[place])
            hashes = (prefix[:, place] + suffix[:, place])[:, None] + self._alphabet.at[place][written]
            fits = _all(before[:, :place]) & _all(behind[:, place:])
            # The same character before a place and behind it makes one and the same plate.
            another = np.not_equal(spelled.symbols[:, max(place - 1, 0), None], written) | (place == 0)
            yield _allowed(hashes, fits[:, None] & another, LOST_MBITS)

    def _shortened(self, spelled: _Spelled) -> Iterator[_Variants]:
        """A character too many was read, at each place."""
        used: Flags = self._used[spelled.length - 1]
        before, behind = spelled.fits(used), spelled.fits(used, -1)
        prefix, suffix = spelled.prefixes(), spelled.suffixes(-1)
        fits = [_all(before[:, :place]) & _all(behind[:, place + 1 :]) for place in range(spelled.length)]
        first = np.ones(spelled.symbols.shape, dtype=np.bool_)  # of a run of one character
        first[:, 1:] = spelled.symbols[:, 1:] != spelled.symbols[:, :-1]
        hashes = prefix[:, :-1] + suffix[:, 1:]
        yield _allowed(hashes, np.column_stack(fits) & first, EXTRA_MBITS)


class _Spelled:
    """Reads of one length, a row each, and the sums that hashes of their variants are made of."""

    def __init__(self, alphabet: Alphabet, symbols: Symbols) -> None:
        self.symbols = symbols
        self.length = symbols.shape[1]
        self._at = alphabet.at
        self.whole = alphabet.hashes(symbols)

    def fits(self, used: Flags, shift: int = 0) -> Flags:
        """Whether each character is on record at its place, moved by `shift`."""
        columns = [used[max(place + shift, 0)][self.symbols[:, place]] for place in range(self.length)]
        return np.column_stack(columns)

    def prefixes(self) -> Hashes:
        """The sums of what stands before each place, and of all."""
        sums = np.zeros((len(self.symbols), self.length + 1), dtype=np.uint64)
        np.cumsum(self._numbers(0), axis=1, out=sums[:, 1:])
        return sums

    def suffixes(self, shift: int) -> Hashes:
        """The sums of what stands at each place and behind it, moved by `shift`, and of nothing."""
        sums = np.zeros((len(self.symbols), self.length + 1), dtype=np.uint64)
        np.cumsum(self._numbers(shift)[:, ::-1], axis=1, out=sums[:, -2::-1])
        return sums

    def _numbers(self, shift: int) -> Hashes:
        columns = [self._at[max(place + shift, 0)][self.symbols[:, place]] for place in range(self.length)]
        return np.column_stack(columns)


def _all(flags: Flags) -> Flags:
    return np.asarray(flags.all(axis=1))


def _allowed(hashes: Hashes, allowed: Flags, mbits: Mbits | int) -> _Variants:
    """Those of a row of hashes for each read that are variants."""
    at = np.flatnonzero(allowed)
    weights = np.full(len(at), mbits, dtype=np.int32) if isinstance(mbits, int) else mbits.ravel()[at]
    return _Variants(at // hashes.shape[1], hashes.ravel()[at], weights)


def _pairs(read: Places, place: Places) -> tuple[Places, Places]:
    """Each two swaps of one read at different places, the first before the second; reads and places are in order."""
    swaps = np.arange(len(read))
    ends = np.flatnonzero(np.diff(read * LONGEST + place, append=-1)) + 1  # of those at one place of one read
    begin = np.repeat(ends, np.diff(ends, prepend=0))
    end = np.cumsum(np.bincount(read))[read] if len(read) else begin
    count = end - begin
    first = np.repeat(swaps, count)
    second = np.arange(len(first)) - np.repeat(np.cumsum(count) - count - begin, count)
    return first, second
