"""An index of references in use: looked up, added to, withdrawn from, merged. What changes is in force at once."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foundation.errors import Conflict, FileMissing, NotFound
from foundation.files import write_error
from matching.index import delta
from matching.index.batch import Pairs, find_many
from matching.index.building import Progress, Reference, build
from matching.index.candidates import Found, find
from matching.index.keys import FAMILIES, Family, Hashes, Keyed, keyed
from matching.index.segments import Added, Base, Segment
from matching.levels.forms import Forms
from matching.validity import is_withdrawn

_EVER = ""  # before every day


class Candidate(NamedTuple):
    """Stays what it was found as, whatever is built meanwhile."""

    reference: int
    keys: tuple[Family, ...]  # that found it
    segment: Segment
    place: int  # there

    @property
    def raw(self) -> dict[str, str]:
        """The reference's columns, as its file had them: read now."""
        return self.segment.raw(self.place)

    @property
    def record_id(self) -> str:
        return self.segment.record_id(self.place)


@dataclass(frozen=True, slots=True)
class LookUp:
    candidates: tuple[Candidate, ...]
    crowded: tuple[Family, ...]  # keys that so many references bear that they were not read


class Index:
    """References are told by number: those of the file as built, then those added since."""

    def __init__(self, path: Path, *, checked: bool = False) -> None:
        self.path = path
        self._open(checked=checked)

    def _open(self, *, checked: bool = False) -> None:
        self.base = Base(self.path, checked=checked)
        self._added = Added()
        self._gone: dict[int, str] = {}  # reference to the day from which it is withdrawn
        self.replaced = 0  # references whose place another took
        self._replaced: Counter[int] = Counter()  # their keys
        self._delta = delta.delta_path(self.path, self.base.opened.identity)
        self._read = 0
        # The version of the store that it was taken from, where it was.
        self.reached: int | None = self.base.meta["listing"].get("reached")
        self._apply(self.base.meta["later"])
        self._take_in()

    def refresh(self) -> None:
        """Take in what other processes built, added or withdrew."""
        try:
            replaced = self.path.stat().st_ino != self.base.opened.inode
        except FileNotFoundError as error:
            raise FileMissing("the index is gone.", where=str(self.path), mend="Build it anew.") from error
        if replaced:
            self._open()
        elif self._delta.exists() and self._delta.stat().st_size > self._read:
            self._take_in()

    def __len__(self) -> int:
        """References, withdrawn ones among them."""
        return len(self.base) + len(self._added)

    @property
    def state(self) -> str:
        """Alike as long as nothing is built, added or withdrawn."""
        return f"{self.base.opened.identity}:{self._read}"

    @property
    def version(self) -> str:
        """The file that it was built from, by the head of its SHA-256, and how much was added or withdrawn since."""
        digest = str(self.base.meta["listing"].get("sha256", ""))[:16] or "unnamed"
        return f"{digest}+{self._read}" if self._read else digest

    @property
    def added(self) -> int:
        return len(self._added)

    @property
    def withdrawn(self) -> int:
        return len(self._gone)

    @property
    def added_forms(self) -> Forms:
        return self._added.forms

    def bearing(self, keys: Hashes) -> NDArray[np.int64]:
        """How many references bear each key, withdrawn ones among them, and replaced ones not."""
        counts = self.base.keys.blocks(keys)[1]
        if len(self._added):
            later = [len(self._added.block(int(key))[0]) - self._replaced[int(key)] for key in keys]
            counts = counts + np.array(later, dtype=np.int64)
        return counts

    def raw(self, reference: int) -> dict[str, str]:
        """The reference's columns, as its file had them."""
        segment, place = self._place_of(reference)
        return segment.raw(place)

    def record_id(self, reference: int) -> str:
        """As `raw` has it, without the other columns."""
        segment, place = self._place_of(reference)
        return segment.record_id(place)

    def _place_of(self, reference: int) -> tuple[Segment, int]:
        if reference < len(self.base):
            return self.base, reference
        return self._added, reference - len(self.base)

    def look_up(self, raw: Mapping[str, str], day: str, wanted: Keyed | None = None) -> LookUp:
        """The references in force on the day that share a key with the record; `wanted` is what was made of it."""
        self.refresh()
        wanted = wanted or keyed(raw)
        found, crowded = find(self.base, wanted)
        candidates = self._in_force(self.base, found, 0, day)
        if len(self._added):
            found, more_crowded = find(self._added, wanted)
            candidates += self._in_force(self._added, found, len(self.base), day)
            crowded |= more_crowded
        return LookUp(tuple(candidates), families_in(crowded))

    def _in_force(self, segment: Segment, found: Found, first: int, day: str) -> list[Candidate]:
        gone = self._gone
        return [
            Candidate(first + at, families_in(found[at]), segment, at)
            for at in sorted(found)
            if not gone or not is_withdrawn(gone.get(first + at), day)
        ]

    def look_up_many(self, raws: Sequence[Mapping[str, str]], day: str) -> Pairs:
        """As `look_up`, for many records at once: some thousands, since the pairs of all are held."""
        return self.look_up_keyed([keyed(raw) for raw in raws], day)

    def look_up_keyed(self, wanted: Sequence[Keyed], day: str) -> Pairs:
        """As `look_up_many`, of records whose keys are made."""
        self.refresh()
        pairs = find_many(self.base, wanted)
        if len(self._added):
            pairs = self._with_added(pairs, wanted)
        gone = [at for at, from_day in self._gone.items() if is_withdrawn(from_day, day)]
        left = ~np.isin(pairs.reference, gone)
        return Pairs(pairs.record[left], pairs.reference[left], pairs.families[left], pairs.crowded)

    def _with_added(self, pairs: Pairs, wanted: Sequence[Keyed]) -> Pairs:
        triples, crowded = [], pairs.crowded.copy()
        for record, it in enumerate(wanted):
            found, of_record = find(self._added, it)
            triples += [(record, len(self.base) + at, bits) for at, bits in found.items()]
            crowded[record] |= of_record
        more = np.array(triples, dtype=np.int64).reshape(-1, 3)
        records, references = np.concatenate((pairs.record, more[:, 0])), np.concatenate((pairs.reference, more[:, 1]))
        families = np.concatenate((pairs.families, more[:, 2].astype(np.uint32)))
        order = np.lexsort((references, records))
        return Pairs(records[order], references[order], families[order], crowded)

    def add(self, raws: Sequence[Mapping[str, str]], reached: int | None = None) -> None:
        """Add references; one whose `record_id` is there already takes its place.

        `reached`: the version of the store that the index has with them.
        """
        with one_writer(self.path):
            self.refresh()
            mark: list[delta.Entry] = [] if reached is None else [{"reached": reached}]
            self._append([{"add": dict(raw)} for raw in raws] + mark)

    def withdraw(self, record_ids: Sequence[str], day: str) -> None:
        """From that day on the references are found no more, or `NotFound` and none is withdrawn."""
        with one_writer(self.path):
            self.refresh()
            for record_id in record_ids:
                if self.reference_of(record_id) is None:
                    raise NotFound("there is no such reference.", where=f"{self.path}, record_id {record_id}")
            self._append([{"withdraw": record_id, "on": day} for record_id in record_ids])

    def merge(self, day: str, progress: Progress) -> int:
        """Build the file anew of what is in force on the day. Answers the number of references."""
        with one_writer(self.path):
            self.refresh()
            listing = self.base.meta["listing"]
            left = [at for at in range(len(self)) if not is_withdrawn(self._gone.get(at), day)]
            later = [{"withdraw": self.record_id(at), "on": on} for at, on in self._gone.items() if on > day]
            _replace(self.path, (Reference(self.raw(at), at + 1) for at in left), listing, progress, later)
        self.refresh()
        return len(left)

    def reference_of(self, record_id: str) -> int | None:
        """The reference that bears the identifier now, withdrawn or not."""
        added = self._added.with_id(record_id)
        return len(self.base) + added if added is not None else self.base.with_id(record_id)

    def _append(self, entries: list[delta.Entry]) -> None:
        delta.append(self._delta, self._read, entries)
        self._take_in()

    def _take_in(self) -> None:
        entries, self._read = delta.read(self._delta, self._read)
        self._apply(entries)

    def _apply(self, entries: Iterable[delta.Entry]) -> None:
        for entry in entries:
            if "reached" in entry:
                self.reached = entry["reached"]
                continue
            record_id = entry["withdraw"] if "withdraw" in entry else entry["add"]["record_id"]
            known = self.reference_of(record_id)
            if "add" in entry:
                self._added.add(entry["add"])
                if known is not None:
                    self.replaced += 1
                    self._replaced.update(keyed(self.raw(known)).keys)
            if known is not None:
                self._gone[known] = entry.get("on", _EVER)


def build_index(path: Path, references: Iterable[Reference], listing: Mapping[str, object], progress: Progress) -> int:
    """Build the file, in place of one that is there. Answers the number of references."""
    with one_writer(path):
        return _replace(path, references, listing, progress, [])


def _replace(
    path: Path,
    references: Iterable[Reference],
    listing: Mapping[str, object],
    progress: Progress,
    later: Sequence[delta.Entry],
) -> int:
    for left in _beside(path, r"\.{}\.\w+\.build"):  # of a builder that was killed
        shutil.rmtree(left)
    for left in _beside(path, r"\.{}\.\d+\.tmp"):
        left.unlink()
    before = _beside(path, r"{}\.[0-9a-f]{{32}}\.delta")
    written = build(references, path, listing, later, progress)
    for of_replaced in before:
        of_replaced.unlink()
    return written


def _beside(path: Path, pattern: str) -> list[Path]:
    """Files of this index alone: another may be called as this one is and some more."""
    named = re.compile(pattern.format(re.escape(path.name)))
    return [it for it in path.parent.iterdir() if named.fullmatch(it.name)]


@contextmanager
def one_writer(path: Path) -> Iterator[None]:
    """Hold the right to write the index, or `Conflict`."""
    try:
        descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise write_error(path, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise Conflict(
            "another process is writing this index.", where=str(path), mend="Try again when it has finished."
        ) from error
    finally:
        os.close(descriptor)


@lru_cache(maxsize=4096)
def families_in(bits: int) -> tuple[Family, ...]:
    return tuple(name for at, name in enumerate(FAMILIES) if bits >> at & 1)
