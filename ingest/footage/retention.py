"""Keeps a disk within its bounds: what is older than it is kept goes, and the oldest as far as space asks for it.

Held footage never goes. What goes is a row; its file follows with the rounds after. Where space would not last until
then, the disk is synced at once.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from foundation.clock import Clock
from foundation.errors import InvalidInput
from ingest.footage.clearing import Clearing
from ingest.footage.disk import Disk
from ingest.footage.held_bytes import HeldBytes
from ingest.footage.holds import Holds, HoldsFile
from ingest.footage.index_writer import IndexWriter
from ingest.footage.purge_candidates import Candidate, PurgeCandidates
from ingest.footage.retention_policy import RetentionPolicy

_DOOMED_AT_ONCE = 1_024  # rows in one transaction
_HOLD_ALARM = 0.8  # of the quota
_ROOM_TO_GO_ON = 0.02  # of the disk: else it would stop and go on with every segment that ends

Usage = Mapping[tuple[str, str], int]  # bytes by camera and stream


@dataclass(slots=True, frozen=True)
class DiskUsage:
    """How a disk stands after a round."""

    free_bytes: int = 0
    footage_bytes: int = 0
    oldest_us: int | None = None
    purged: int = 0  # segments, in this round
    purged_under_minimum: int = 0  # of these, younger than the least time that footage is to be kept
    holds_version: int = 0  # that the round obeyed
    holds_fault: str | None = None  # why nothing was purged
    held_bytes: int = 0
    held_share: float = 0.0  # of the disk
    held_alarm: bool = False  # held bytes come near their quota
    full_held: bool = False  # there is no room, and nothing but held footage to make any


class Retention:
    """Belongs to one thread, which is never the one that writes footage."""

    def __init__(
        self, disk: Disk, index: IndexWriter, policy: RetentionPolicy, holds: HoldsFile, clock: Clock, round_s: float
    ) -> None:
        self.policy = policy  # may be replaced from any thread
        self._disk = disk
        self._index = index
        self._holds_file = holds
        self._clock = clock
        self._round_s = round_s
        self._candidates = PurgeCandidates(index)
        self._clearing = Clearing(disk.folder, index)
        self._held = HeldBytes(index)
        self._obeyed = index.obeyed_holds()
        self._footage_bytes: int | None = None  # after the last round
        self._headroom = 0  # what may be written until the next round but one, by what was of late
        self._full_held = False
        self._room_to_go_on = 0

    def round(self) -> DiskUsage:
        """Call it right after a sync."""
        now_us = self._clock.now_us()
        policy = self.policy
        self._clearing.go_on(now_us)
        usage = self._usage()
        self._measure_writing(sum(usage.values()))
        try:
            holds = self._holds()
        except InvalidInput as error:
            return self._state(usage, policy, replace(_NOTHING, holds_version=self._obeyed, holds_fault=str(error)))
        held = self._held.by_camera(holds, usage, now_us)
        self._candidates.prepare(holds, policy, usage.keys(), now_us)
        purge = _Purge(self._index, self._candidates, now_us, time.monotonic() + self._round_s)
        purge.expired()
        if purge.segments:
            usage = self._usage()
        purge.beyond(_excess(usage, policy, held), now_us - policy.min_keep_us)
        had_all = purge.oldest(self._missing_bytes(policy, purge.size_bytes), now_us - policy.min_keep_us)
        if purge.segments and self._disk.free_bytes() < self._headroom:
            self._disk.sync()
            self._clearing.go_on(now_us)
        self._index.forget_gaps(now_us - policy.longest_us)
        self._stop_or_go_on(had_all and held.total() > 0, policy)
        counts = DiskUsage(
            purged=purge.segments,
            purged_under_minimum=purge.under_minimum,
            holds_version=holds.version,
            held_bytes=held.total(),
            full_held=self._full_held,
        )
        return self._state(self._usage() if purge.segments else usage, policy, counts)

    def _usage(self) -> Usage:
        with self._index.reading() as connection:
            return {
                (row[0], row[1]): row[2] for row in connection.execute("SELECT camera_id, stream, bytes FROM usage")
            }

    def _measure_writing(self, footage_bytes: int) -> None:
        written = footage_bytes - (footage_bytes if self._footage_bytes is None else self._footage_bytes)
        self._headroom = max(2 * written, self._headroom * 3 // 4)

    def _holds(self) -> Holds:
        found = self._holds_file.read()
        if found is None:
            if self._obeyed:
                raise InvalidInput(
                    "the file of the holds on footage is gone; nothing is purged.",
                    where=str(self._holds_file.path),
                    mend="Start the control center, which writes it.",
                )
            return _NO_HOLDS
        if found.version != self._obeyed:
            self._index.obey_holds(found.version)
            self._obeyed = found.version
        return found

    def _missing_bytes(self, policy: RetentionPolicy, on_their_way: int) -> int:
        """Beyond what is free: so much is kept free, and so much is written before the next round can make room."""
        missing = policy.min_free_bytes + self._headroom - self._disk.free_bytes() - on_their_way
        if policy.disk_bytes is not None:
            missing = max(missing, sum(self._usage().values()) + self._headroom // 2 - policy.disk_bytes)
        return missing

    def _stop_or_go_on(self, only_held: bool, policy: RetentionPolicy) -> None:
        free = self._disk.free_bytes()
        if only_held and free < max(policy.min_free_bytes, self._headroom // 2):
            room = max(self._headroom, int(_ROOM_TO_GO_ON * self._disk.total_bytes()))
            self._room_to_go_on = policy.min_free_bytes + room
            self._full_held = True
        elif free >= self._room_to_go_on:
            self._full_held = False

    def _state(self, usage: Usage, policy: RetentionPolicy, counts: DiskUsage) -> DiskUsage:
        self._footage_bytes = sum(usage.values())
        capacity = self._disk.total_bytes()
        quota = policy.hold_quota * min(capacity, policy.disk_bytes or capacity)
        with self._index.reading() as connection:
            oldest_us = connection.execute("SELECT min(start_us) FROM segment").fetchone()[0]
        return replace(
            counts,
            free_bytes=self._disk.free_bytes(),
            footage_bytes=self._footage_bytes,
            oldest_us=oldest_us,
            held_share=counts.held_bytes / max(capacity, 1),
            held_alarm=counts.held_bytes >= _HOLD_ALARM * quota > 0,
        )


_NOTHING = DiskUsage()
_NO_HOLDS = Holds()


class _Purge:
    """What goes in one round."""

    def __init__(self, index: IndexWriter, candidates: PurgeCandidates, now_us: int, deadline: float) -> None:
        self._index = index
        self._candidates = candidates
        self._now_us = now_us
        self._deadline = deadline  # of time.monotonic()
        self.segments = 0
        self.under_minimum = 0
        self.size_bytes = 0

    def expired(self) -> None:
        while self._in_time() and (found := self._candidates.expired(self._now_us)):
            self._condemn(found)

    def beyond(self, excess: Mapping[str, int], until_us: int) -> None:
        """The oldest of each camera that has more bytes than it may."""
        for camera_id, size in excess.items():
            until_bytes = self.size_bytes + size
            while self.size_bytes < until_bytes and self._in_time():
                found = self._candidates.oldest_of(camera_id, until_us)
                if not found:
                    break
                self._condemn(_enough(found, until_bytes - self.size_bytes))

    def oldest(self, missing: int, minimum_us: int) -> bool:
        """The oldest of all until so many bytes are found; whether there was nothing left to find them in."""
        until_bytes = self.size_bytes + missing
        while self.size_bytes < until_bytes and self._in_time():
            found = self._candidates.oldest(self._now_us)
            if not found:
                return True
            chosen = _enough(found, until_bytes - self.size_bytes)
            self._condemn(chosen)
            self.under_minimum += sum(one.end_us > minimum_us for one in chosen)
        return False

    def _condemn(self, doomed: Sequence[Candidate]) -> None:
        for at in range(0, len(doomed), _DOOMED_AT_ONCE):
            self._index.condemn({one.path: one.size_bytes for one in doomed[at : at + _DOOMED_AT_ONCE]})
        self.segments += len(doomed)
        self.size_bytes += sum(one.size_bytes for one in doomed)

    def _in_time(self) -> bool:
        return time.monotonic() < self._deadline


def _enough(found: Iterable[Candidate], missing: int) -> list[Candidate]:
    chosen = []
    for one in found:
        if missing <= 0:
            break
        chosen.append(one)
        missing -= one.size_bytes
    return chosen


def _excess(usage: Usage, policy: RetentionPolicy, held: Mapping[str, int]) -> dict[str, int]:
    """Bytes that cameras have beyond their own limit; what is held is not theirs to answer for."""
    total: Counter[str] = Counter()
    for (camera_id, _), size in usage.items():
        total[camera_id] += size
    limits = {camera_id: policy.camera_bytes(camera_id) for camera_id in total}
    return {
        camera_id: excess
        for camera_id, limit in limits.items()
        if limit is not None and (excess := total[camera_id] - held.get(camera_id, 0) - limit) > 0
    }
