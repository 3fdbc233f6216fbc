"""Pairs drawn by the hash of their two identifiers: the same ones whatever the order of the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from heapq import heappush, heapreplace

import numpy as np
from numpy.typing import NDArray

from matching.index.store import Index
from matching.judging.strata import Stratum, places
from matching.linking.hashing import mixed
from matching.linking.scored_pairs import Scored

Hashes = NDArray[np.uint64]
Raw = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Drawn:
    left: Raw
    right: Raw
    weight_mbits: int
    odds_mbits: int


@dataclass(slots=True)
class _Stratum:
    pairs: int = 0
    kept: list[tuple[int, int, Drawn]] = field(default_factory=list)  # a heap: hash and turn, negated


class Draw:
    """Of each stratum the pairs of the least hashes, at most so many; nothing else of it is held but its size."""

    def __init__(self, index: Index, strata: Sequence[Stratum], most: int, *, of_itself: bool) -> None:
        self._index, self._strata, self._most, self._of_itself = index, strata, most, of_itself
        self._held = [_Stratum() for _ in strata]
        self._references = np.zeros(len(index), dtype=np.uint64)  # their identifiers' hashes, made when needed

    @property
    def sizes(self) -> list[int]:
        """How many pairs each stratum holds."""
        return [it.pairs for it in self._held]

    def add(self, raws: Sequence[Raw], scored: Scored) -> None:
        of_pair = places(self._strata, scored.odds)
        hashes = self._hashes(raws, scored)
        for at, stratum in enumerate(self._held):
            inside = np.flatnonzero(of_pair == at)
            for turn, pair in enumerate(self._least(stratum, inside, hashes[inside])):
                place = (-int(hashes[pair]), -stratum.pairs - turn)
                if len(stratum.kept) < self._most:
                    heappush(stratum.kept, (*place, self._drawn(raws, scored, pair)))
                elif place > stratum.kept[0][:2]:
                    heapreplace(stratum.kept, (*place, self._drawn(raws, scored, pair)))
            stratum.pairs += len(inside)

    def least(self, counts: Sequence[int]) -> list[list[Drawn]]:
        """So many out of each stratum."""
        return [
            [drawn for _, _, drawn in sorted(stratum.kept, key=lambda it: it[:2], reverse=True)[:count]]
            for stratum, count in zip(self._held, counts, strict=True)
        ]

    def _least(self, stratum: _Stratum, inside: NDArray[np.int64], hashes: Hashes) -> list[int]:
        """Of the pairs at hand, those that may be kept."""
        if len(stratum.kept) == self._most:
            near = hashes <= np.uint64(-stratum.kept[0][0])
            inside, hashes = inside[near], hashes[near]
        if len(inside) > self._most:
            inside = inside[hashes <= np.partition(hashes, self._most - 1)[self._most - 1]]
        return [int(it) for it in inside]

    def _drawn(self, raws: Sequence[Raw], scored: Scored, pair: int) -> Drawn:
        left, right = raws[scored.found.record[pair]], self._index.raw(int(scored.found.reference[pair]))
        if self._of_itself and left["record_id"] > right["record_id"]:
            left, right = right, left
        return Drawn(left, right, int(scored.weights[pair]), int(scored.odds[pair]))

    def _hashes(self, raws: Sequence[Raw], scored: Scored) -> Hashes:
        records = np.array([hash_of(raw["record_id"]) for raw in raws], dtype=np.uint64)
        added = len(self._index) - len(self._references)  # since the draw began
        self._references = np.pad(self._references, (0, added))
        for reference in np.unique(scored.found.reference):
            if not self._references[reference]:
                self._references[reference] = hash_of(self._index.record_id(int(reference)))
        left, right = records[scored.found.record], self._references[scored.found.reference]
        if self._of_itself:
            left, right = np.minimum(left, right), np.maximum(left, right)
        return mixed(left + mixed(right))


def hash_of(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little") | 1
