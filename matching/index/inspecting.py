"""What an index holds, family by family."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.index.keys import FAMILIES, REFINED, VARIANT, families_of
from matching.index.segments import Base
from matching.index.table import FLAG, Table

_SLOTS_AT_ONCE = 1 << 22


@dataclass(slots=True)
class Census:
    """Of one family: distinct keys, the members of all blocks and of the largest, and how many blocks are split.

    Members are references, and of names with a slip the names.
    """

    family: str
    keys: int = 0
    members: int = 0
    largest: int = 0
    split: int = 0


def census(base: Base) -> list[Census]:
    found = {
        at: Census(name)
        for at, name in [*enumerate(FAMILIES), (VARIANT, "names with a slip"), (REFINED, "more specific")]
    }
    for table in (base.keys, base.close):
        for begin in range(0, len(table.hashes), _SLOTS_AT_ONCE):
            _count(table, slice(begin, begin + _SLOTS_AT_ONCE), found)
    return [it for it in found.values() if it.keys]


def _count(table: Table, slots: slice, found: dict[int, Census]) -> None:
    taken = table.hashes[slots] != 0
    families = families_of(table.hashes[slots][taken])
    values = table.values[slots][taken].astype(np.int64)
    counts = np.where(values >= FLAG, table.postings[np.where(values >= FLAG, values - FLAG, 0)], 1).astype(np.int64)
    for family in np.unique(families):
        of_family, it = counts[families == family], found[int(family)]
        it.keys += len(of_family)
        it.members += int((of_family % FLAG).sum())
        it.largest = max(it.largest, int((of_family % FLAG).max()))
        it.split += int((of_family >= FLAG).sum())
