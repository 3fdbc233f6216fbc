"""Candidates of many records at once in an index file: the same as `candidates.find`, array by array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.index.candidates import MOST_MEMBERS
from matching.index.keys import (
    CLOSE_NAME,
    FAMILIES,
    NAME,
    NARROWING,
    NO_TRAIT,
    PART,
    PINYIN_BIRTH_DATE,
    RARE_PART,
    REFINED,
    TRAITS,
    Hashes,
    Keyed,
    families_of,
    mixed_many,
    variants_many,
)
from matching.index.segments import Base
from matching.index.table import BLOCK_LIMIT

Places = NDArray[np.int64]
_PLACE_BITS = np.uint64(32)
_NARROWS = np.array([[at in NARROWING[family] for at in range(len(TRAITS))] for family in range(len(FAMILIES))])


@dataclass(frozen=True, slots=True)
class Pairs:
    """Candidates in the order of the records, then of the references."""

    record: Places  # place among the records asked about
    reference: Places
    families: NDArray[np.uint32]  # that found it, a bit each
    crowded: NDArray[np.uint32]  # per record: the families whose block was too large to be read


@dataclass(frozen=True, slots=True)
class _Asked:
    """Keys to be looked up: whose, which, and what family is to be told."""

    record: Places
    key: Hashes
    family: NDArray[np.uint8]

    def where(self, chosen: NDArray[np.bool_]) -> _Asked:
        return _Asked(self.record[chosen], self.key[chosen], self.family[chosen])


def find_many(base: Base, wanted: Sequence[Keyed]) -> Pairs:
    asked = _joined(_own_keys(wanted), _close_keys(base, wanted))
    traits = np.array([it.traits for it in wanted], dtype=np.uint64).reshape(-1, len(TRAITS))
    begin, count, split = base.keys.blocks(asked.key)
    narrower, narrowed = _narrower(asked.where(split), traits)
    whole = ~split
    whole[np.flatnonzero(split)[~narrowed]] = True
    more_begin, more_count, _ = base.keys.blocks(narrower.key)
    every = _joined(asked.where(whole), narrower)
    begin, count = np.concatenate((begin[whole], more_begin)), np.concatenate((count[whole], more_count))
    common = (every.family == RARE_PART) & (count > BLOCK_LIMIT)
    every, begin, count = every.where(~common), begin[~common], count[~common]
    read = count <= MOST_MEMBERS
    crowded = np.zeros(len(wanted), dtype=np.uint32)
    np.bitwise_or.at(crowded, every.record[~read], _bits(every.family[~read]))
    members = base.keys.members(begin[read], count[read])
    record, family = np.repeat(every.record[read], count[read]), np.repeat(every.family[read], count[read])
    return Pairs(*_each_once(record, members, family), crowded)


def _own_keys(wanted: Sequence[Keyed]) -> _Asked:
    record = np.repeat(np.arange(len(wanted)), [len(it.keys) for it in wanted])
    key = np.array([key for it in wanted for key in it.keys], dtype=np.uint64)
    return _Asked(record, key, families_of(key))


def _close_keys(base: Base, wanted: Sequence[Keyed]) -> _Asked:
    """The keys that the records would have if their names were written as close ones are."""
    of = [(at, text) for at, it in enumerate(wanted) for text in it.spoken]
    keys, spelled = variants_many([text for _, text in of])
    record = np.repeat(np.array([at for at, _ in of], dtype=np.int64), spelled)
    begin, count, _ = base.close.blocks(keys)
    places = base.close.members(begin, count).astype(np.uint64)
    both = np.sort(np.repeat(record.astype(np.uint64) << _PLACE_BITS, count) | places)
    both = _without(both[_first_of_each(both)], _own_names(base, wanted))
    record, name = (both >> _PLACE_BITS).astype(np.int64), base.names[both & np.uint64(0xFFFFFFFF)]
    return _with_births(record, name, wanted)


def _own_names(base: Base, wanted: Sequence[Keyed]) -> NDArray[np.uint64]:
    """The records with the places of their own names among the base's, each pair as one number."""
    record = np.repeat(np.arange(len(wanted)), [len(it.names) for it in wanted])
    names = np.array([name for it in wanted for name in it.names], dtype=np.uint64)
    place = np.minimum(np.searchsorted(base.names, names), len(base.names) - 1)
    held = base.names[place] == names
    pairs: NDArray[np.uint64] = record[held].astype(np.uint64) << _PLACE_BITS | place[held].astype(np.uint64)
    return pairs


def _without(ordered: NDArray[np.uint64], left_out: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """As `numpy.setdiff1d`, which would put all of it in order again."""
    kept = np.ones(len(ordered), dtype=np.bool_)
    place = np.searchsorted(ordered, left_out)
    inside = place < len(ordered)
    place, left_out = place[inside], left_out[inside]
    kept[place[ordered[place] == left_out]] = False
    return ordered[kept]


def _with_births(record: Places, name: Hashes, wanted: Sequence[Keyed]) -> _Asked:
    whole = families_of(name) == NAME
    unborn = np.array([not it.births for it in wanted], dtype=np.bool_)[record] & whole
    asked = [_Asked(record[unborn], name[unborn], _all_close(int(unborn.sum())))]
    for family, of_records in _births(wanted).items():
        births = of_records[record]
        mixes = [(whole, family), (~whole, PART)] if family == PINYIN_BIRTH_DATE else [(whole, family)]
        for chosen, made in mixes:
            has = (births != 0) & chosen
            asked.append(_Asked(record[has], mixed_many(name[has], births[has], made), _all_close(int(has.sum()))))
    return _joined(*asked)


def _births(wanted: Sequence[Keyed]) -> Mapping[int, Hashes]:
    """Per family that a birth gives keys of: each record's, 0 where it has none."""
    found: dict[int, Hashes] = {}
    for at, it in enumerate(wanted):
        for birth, family in it.births:
            if family not in found:
                found[family] = np.zeros(len(wanted), dtype=np.uint64)
            found[family][at] = birth
    return found


def _all_close(length: int) -> NDArray[np.uint8]:
    return np.full(length, CLOSE_NAME, dtype=np.uint8)


def _narrower(asked: _Asked, traits: Hashes) -> tuple[_Asked, NDArray[np.bool_]]:
    """The keys more specific than those of split blocks, and for which of these there are any."""
    usable = np.where(_NARROWS[families_of(asked.key)], traits[asked.record], np.uint64(0))
    narrowed = (usable != 0).any(axis=1)
    usable = np.column_stack((usable, np.where(narrowed, np.uint64(NO_TRAIT), np.uint64(0))))
    row, column = np.nonzero(usable)
    key = mixed_many(asked.key[row], usable[row, column], REFINED)
    return _Asked(asked.record[row], key, asked.family[row]), narrowed


def _joined(*parts: _Asked) -> _Asked:
    return _Asked(
        np.concatenate([it.record for it in parts]),
        np.concatenate([it.key for it in parts]),
        np.concatenate([it.family for it in parts]),
    )


def _each_once(
    record: Places, member: NDArray[np.uint32], family: NDArray[np.uint8]
) -> tuple[Places, Places, NDArray[np.uint32]]:
    both = record.astype(np.uint64) << _PLACE_BITS | member
    order = np.argsort(both, kind="stable")
    both = both[order]
    first = np.flatnonzero(_first_of_each(both))
    bits = _bits(family[order])
    families = np.bitwise_or.reduceat(bits, first) if len(both) else bits
    return (
        (both[first] >> _PLACE_BITS).astype(np.int64),
        (both[first] & np.uint64(0xFFFFFFFF)).astype(np.int64),
        families,
    )


def _first_of_each(ordered: NDArray[np.uint64]) -> NDArray[np.bool_]:
    first = np.ones(len(ordered), dtype=np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return first


def _bits(family: NDArray[np.uint8]) -> NDArray[np.uint32]:
    return np.uint32(1) << family.astype(np.uint32)
