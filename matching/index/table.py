"""An open-addressing hash table whose slots stand in the order of their hashes, and the blocks behind its keys.

A key's slot is its hash scaled to the number of slots, and the next free one after it. The order makes the table
writable from sorted rows in one pass, and ends an unsuccessful search at the first larger hash.
A slot's value is the only member of its block; or, with the highest bit set, where in `postings` the block begins:
with the number of members, whose highest bit says that the block is split among more specific keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foundation.errors import InvalidInput
from matching.index.file_format import Opened, OutFile, SectionWriter
from matching.index.keys import Hashes

FLAG = 0x80000000  # within a slot's value: a block; within a block's count: split
BLOCK_LIMIT = 128  # members, above which a block is split
_FILL = 0.7
_SPARE_SLOTS = 4096  # behind the last slot that a hash is scaled to; a run of taken ones is some hundreds at most

Members = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Run:
    """Distinct hashes in their order, the members of each one after the other, and which blocks are split."""

    hashes: Hashes
    counts: NDArray[np.int64]
    members: Members
    split: NDArray[np.bool_]


class Table:
    def __init__(self, opened: Opened, name: str) -> None:
        hashes, values, postings = (opened.sections[f"{name}.{part}"] for part in ("hashes", "values", "postings"))
        self.hashes: Hashes = np.frombuffer(hashes, dtype="<u8")
        self.values: Members = np.frombuffer(values, dtype="<u4")
        self.postings: Members = np.frombuffer(postings, dtype="<u4") if len(postings) else np.zeros(1, dtype="<u4")
        # One element of a memoryview costs half of what it costs in an array.
        self._hashes, self._values, self._postings = hashes.cast("Q"), values.cast("I"), postings.cast("I")
        self._slots = len(self._hashes) - _SPARE_SLOTS

    def slot(self, key: int) -> int | None:
        at = (key >> 32) * self._slots >> 32
        hashes = self._hashes
        while (held := hashes[at]) and held <= key:
            if held == key:
                return at
            at += 1
        return None

    def block(self, key: int) -> tuple[Sequence[int], bool]:
        """The members of a key's block, none of them read yet, and whether it is split among more specific keys."""
        at = self.slot(key)
        if at is None:
            return [], False
        value = self._values[at]
        if value < FLAG:
            return [value], False
        begin = value - FLAG
        count = self._postings[begin]
        split = count >= FLAG
        return self._postings[begin + 1 : begin + 1 + count % FLAG], split

    def slots(self, keys: Hashes) -> NDArray[np.int64]:
        """The slot of each key, -1 where there is none."""
        at = (((keys >> np.uint64(32)) * np.uint64(self._slots)) >> np.uint64(32)).astype(np.int64)
        found = np.full(len(keys), -1, dtype=np.int64)
        open_ = np.arange(len(keys))
        while len(open_):
            held, wanted = self.hashes[at[open_]], keys[open_]
            same = held == wanted
            found[open_[same]] = at[open_[same]]
            open_ = open_[(held != 0) & (held < wanted)]
            at[open_] += 1
        return found

    def blocks(self, keys: Hashes) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Per key, where its members begin in `members`, how many they are, and whether the block is split."""
        slot = self.slots(keys)
        value = np.where(slot >= 0, self.values[slot], np.uint32(0)).astype(np.int64)
        many = (slot >= 0) & (value >= FLAG)
        begin = np.where(many, value - FLAG, 0)
        count = np.zeros(len(keys), dtype=np.int64)
        count[many] = self.postings[begin[many]]
        split = count >= FLAG
        count %= FLAG
        # A single member stands in the slot itself: told by a begin below zero.
        begin = np.where(many, begin + 1, -1 - value)
        count[(slot >= 0) & ~many] = 1
        return begin, count, split

    def members(self, begin: NDArray[np.int64], count: NDArray[np.int64]) -> Members:
        """The members of blocks as `blocks` told them, one block after the other."""
        first = np.repeat(np.cumsum(count) - count, count)
        each = np.repeat(begin, count)
        at = each + np.arange(len(first)) - first
        single = each < 0
        found = np.empty(len(each), dtype=np.uint32)
        found[single] = (-1 - each[single]).astype(np.uint32)
        found[~single] = self.postings[at[~single]]
        return found


def write_table(out: OutFile, name: str, keys: int, runs: Iterable[Run]) -> None:
    """`keys` is the number of distinct hashes in all runs, which come in the order of their hashes."""
    slots = max(1, int(keys / _FILL))
    length = slots + _SPARE_SLOTS
    hashes, values = out.section(f"{name}.hashes", length * 8), out.section(f"{name}.values", length * 4)
    postings = out.section(f"{name}.postings")
    written = 0  # slots
    for run in runs:
        if not len(run.hashes):
            continue
        ideal = (((run.hashes >> np.uint64(32)) * np.uint64(slots)) >> np.uint64(32)).astype(np.int64)
        steps = np.arange(len(ideal))
        at = np.maximum.accumulate(np.maximum(ideal - steps, written)) + steps
        end = int(at[-1]) + 1
        _write_slots(hashes, at - written, end - written, run.hashes)
        _write_slots(values, at - written, end - written, _values(run, postings.length // 4))
        postings.write(_postings(run).data)
        written = end
        if postings.length // 4 >= FLAG:
            raise InvalidInput("more keys than one index holds.", mend="Split the references among several indexes.")
    none = np.empty(0, dtype=np.int64)
    _write_slots(hashes, none, length - written, np.empty(0, dtype=np.uint64))
    _write_slots(values, none, length - written, np.empty(0, dtype=np.uint32))


def _write_slots(section: SectionWriter, at: NDArray[np.int64], length: int, held: Hashes | Members) -> None:
    slots = np.zeros(length, dtype=held.dtype)
    slots[at] = held
    section.write(slots.data)


def _sizes(run: Run) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
    """Which keys have a block in `postings`, and where each key's members and block begin within the run's."""
    many = (run.counts > 1) | run.split
    sizes = np.where(many, run.counts + 1, 0)
    return many, np.cumsum(run.counts) - run.counts, np.cumsum(sizes) - sizes


def _values(run: Run, written: int) -> Members:
    many, first, begin = _sizes(run)
    return np.where(many, FLAG + written + begin, run.members[first]).astype(np.uint32)


def _postings(run: Run) -> Members:
    many, first, begin = _sizes(run)
    counts, begin = run.counts[many], begin[many]
    blocks = np.empty(int((counts + 1).sum()), dtype=np.uint32)
    blocks[begin] = counts + np.where(run.split[many], FLAG, 0)
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    blocks[np.repeat(begin + 1, counts) + within] = run.members[np.repeat(first[many], counts) + within]
    return blocks
