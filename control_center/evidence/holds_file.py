"""`RUN/holds.json`: the holds as recorders read them, before each purge.

Its version grows with each change, whatever happens to the file or to the database: the next one is above the one in
the file, above every one that a recorder or a disk has obeyed, and not below the clock. Besides the holds it names the
locks, each with the version that first held it, so that a recorder's word "I obey version n" is one about each lock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, TypeAdapter, ValidationError

from control_center.evidence.holds import Hold, LockInForce, merged
from foundation.files import ensure_folder, write_atomically

FILE_NAME: Final = "holds.json"


class KeptHold(BaseModel):
    camera_id: str
    kind: Literal["lock", "alert"]
    start_us: int
    end_us: int


class KeptLock(BaseModel):
    """A lock as the file holds it. `version` is the lock's own; `since` is the file's that first held it so."""

    id: str
    version: int
    camera_id: str
    start_us: int
    end_us: int
    since: int


class HoldsContent(BaseModel):
    version: int
    holds: list[KeptHold] = []
    locks: list[KeptLock] = []


_CONTENT: Final = TypeAdapter(HoldsContent)


@dataclass(frozen=True, slots=True)
class Recorders:
    """Which version of the holds each recorder obeys, as it last said; None: it has not said so yet."""

    obeyed: Sequence[int | None] = field(default=())

    def all_obey(self, version: int) -> bool:
        return bool(self.obeyed) and all(each is not None and each >= version for each in self.obeyed)

    @property
    def newest(self) -> int:
        return max((each for each in self.obeyed if each is not None), default=0)


def recorders(run_dir: Path, processes: int) -> Recorders:
    """A recorder that is gone frees nothing, and reads the file before it does: its last word still counts. One that
    has no disk has nothing to free, and is not asked."""
    statuses = [_status(run_dir / f"recorder-{index}.status.json") for index in range(processes)]
    return Recorders([_obeyed(status) for status in statuses if status.get("disks") != []])


def _status(file: Path) -> dict[str, Any]:
    try:
        status = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return status if isinstance(status, dict) else {}


def _obeyed(status: Mapping[str, Any]) -> int | None:
    version = status.get("holds_version")
    return version if type(version) is int else None


def read(run_dir: Path) -> HoldsContent | None:
    """None where there is no file, or none that can be understood: then all is written anew."""
    try:
        return _CONTENT.validate_json((run_dir / FILE_NAME).read_bytes())
    except (OSError, ValidationError):
        return None


def next_content(
    previous: HoldsContent | None, locks: Iterable[LockInForce], alerts: Iterable[Hold], least_version: int
) -> HoldsContent:
    """What the file should say; of the version before when that says so already."""
    locks = list(locks)
    held = [Hold(lock.camera_id, "lock", lock.start_us, lock.end_us) for lock in locks]
    holds = [KeptHold(**hold._asdict()) for hold in merged([*held, *alerts])]
    known: Mapping[tuple[str, int], KeptLock] = (
        {(one.id, one.version): one for one in previous.locks} if previous else {}
    )
    if previous and previous.holds == holds and known.keys() == {(lock.id, lock.version) for lock in locks}:
        return previous
    version = max(least_version, previous.version + 1 if previous else 1)
    kept = [known.get((lock.id, lock.version)) or _kept(lock, version) for lock in locks]
    return HoldsContent(version=version, holds=holds, locks=kept)


def _kept(lock: LockInForce, version: int) -> KeptLock:
    values: dict[str, Any] = lock._asdict()
    del values["held_us"]
    return KeptLock(**values, since=version)


def write(run_dir: Path, content: HoldsContent) -> None:
    write_atomically(ensure_folder(run_dir) / FILE_NAME, content.model_dump_json(indent=1).encode())
