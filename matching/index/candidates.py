"""Which members of a segment share a key with one record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matching.index.keys import (
    CLOSE_NAME,
    CONFUSABLE,
    NAME,
    NO_TRAIT,
    RARE_PART,
    REFINED,
    Keyed,
    family_of,
    mixed,
    variants,
)
from matching.index.segments import Segment, narrower_keys
from matching.index.table import BLOCK_LIMIT

MOST_MEMBERS = 10_000  # that one key may bring; a block that is larger even after splitting tells nothing

Found = dict[int, int]  # member to the families that found it, a bit each


def find(segment: Segment, wanted: Keyed) -> tuple[Found, int]:
    """Candidates, and the families whose block was too large to be read: a bit each."""
    found: Found = {}
    crowded = 0
    for key, family in _keys(segment, wanted):
        bit = 1 << family
        for members in _blocks(segment, key, wanted.traits):
            if family == RARE_PART and len(members) > BLOCK_LIMIT:
                continue
            if len(members) > MOST_MEMBERS:
                crowded |= bit
                continue
            for member in members:
                found[member] = found.get(member, 0) | bit
    return found, crowded


def _keys(segment: Segment, wanted: Keyed) -> Iterator[tuple[int, int]]:
    """The record's own keys, then those it would have with numbers that look alike, or with a name that is close."""
    for key in wanted.keys:
        yield key, family_of(key)
    for key in wanted.lookalikes:
        yield key, CONFUSABLE
    close = {name for text in wanted.spoken for variant in variants(text) for name in segment.names_of(variant)}
    for name in close - set(wanted.names):
        if not wanted.births and family_of(name) == NAME:
            yield name, CLOSE_NAME
        for key in wanted.made_of(name):
            yield key, CLOSE_NAME


def _blocks(segment: Segment, key: int, traits: tuple[int, ...]) -> Iterator[Sequence[int]]:
    """The key's block; of a split one, what agrees with the record in a trait, and what has no trait to differ in."""
    members, split = segment.block(key)
    narrower = narrower_keys(key, traits) if split else []
    if not narrower:
        yield members
        return
    for it in (*narrower, mixed(key, NO_TRAIT, REFINED)):
        yield segment.block(it)[0]
