"""Who may no longer look: told to the media server, which has no database, through one small file in the run folder.

Whoever ends sessions calls `note_ended` after the commit. The media server looks at the file twice a second and ends
what was opened under a leave from before. Three kinds of marks, each with its time in microseconds:

- a session: it was signed out or revoked; nothing of it goes on, whenever its leave was given,
- an account: it was disabled, or its rights changed; no leave from before that time is good any more,
- a locked session: its recorded footage waits for its person; live pictures go on.

A mark is dropped when every leave from before it has run out by itself.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from foundation.clock import US_PER_S, Clock
from foundation.files import ensure_folder, write_atomically, write_error

FILE_NAME: Final = "ended-sessions.json"
LEAVE_LIFE_US: Final = 12 * 3600 * US_PER_S  # no leave of the media server is good for longer
_KEPT_US: Final = LEAVE_LIFE_US + 3600 * US_PER_S  # an hour for clocks that are set back
_MOST: Final = 20_000  # of each kind; with more, everybody asks for a new leave, which the API alone gives

Marks = dict[str, int]  # time by id


class DamagedFile(ValueError):
    """The file does not say who has ended."""


@dataclass(slots=True)
class Ended:
    """What the file says."""

    sessions: Marks = field(default_factory=dict)
    accounts: Marks = field(default_factory=dict)
    locked: Marks = field(default_factory=dict)
    all_us: int = 0  # no leave from before is good, whoever holds it

    def merge(self, other: Ended) -> None:
        for ours, theirs in ((self.sessions, other.sessions), (self.accounts, other.accounts)):
            _add(ours, theirs)
        _add(self.locked, other.locked)
        self.all_us = max(self.all_us, other.all_us)

    def prune(self, now_us: int) -> None:
        for marks in (self.sessions, self.accounts, self.locked):
            for key in [key for key, at_us in marks.items() if at_us < now_us - _KEPT_US]:
                del marks[key]
            if len(marks) > _MOST:
                marks.clear()
                self.all_us = now_us


def note_ended(
    run_dir: Path,
    clock: Clock,
    *,
    session_ids: Collection[str] = (),
    account_ids: Collection[str] = (),
    locked_session_ids: Collection[str] = (),
) -> None:
    """End what these hold at the media server. Call it after the commit that ended them.

    Raises `NotWritable` or `DiskFull`: then what is open there goes on until its leave runs out.
    """
    now_us = clock.now_us()
    if session_ids or account_ids or locked_session_ids:
        put(
            run_dir,
            Ended(
                sessions=dict.fromkeys(session_ids, now_us),
                accounts=dict.fromkeys(account_ids, now_us),
                locked=dict.fromkeys(locked_session_ids, now_us),
            ),
            now_us,
        )


def put(run_dir: Path, marks: Ended, now_us: int) -> None:
    """Add the marks to the file. One that is damaged is replaced, and whatever it said holds for everybody."""
    path = ensure_folder(run_dir) / FILE_NAME
    with _one_writer(run_dir):
        try:
            known = read(path) or Ended()
        except (DamagedFile, OSError):
            known = Ended(all_us=now_us)
        known.merge(marks)
        known.prune(now_us)
        write_atomically(path, _encode(known))
        _give_to_owner(path, run_dir)


def read(path: Path) -> Ended | None:
    """What the file says, None when there is none; raises `DamagedFile` or `OSError`."""
    try:
        content = json.loads(path.read_bytes())
        return Ended(
            sessions=_marks(content["sessions"]),
            accounts=_marks(content["accounts"]),
            locked=_marks(content["locked"]),
            all_us=_time(content["all_us"]),
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DamagedFile(path.name) from error


def _encode(ended: Ended) -> bytes:
    content = {
        "sessions": ended.sessions,
        "accounts": ended.accounts,
        "locked": ended.locked,
        "all_us": ended.all_us,
    }
    return json.dumps(content, separators=(",", ":")).encode()


def _marks(value: Any) -> Marks:
    if not isinstance(value, dict):
        raise TypeError("marks are an object")
    return {key: _time(at_us) for key, at_us in value.items()}


def _time(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("a time is an integer")
    return value


def _add(ours: Marks, theirs: Marks) -> None:
    for key, at_us in theirs.items():
        ours[key] = max(at_us, ours.get(key, at_us))


def _give_to_owner(path: Path, run_dir: Path) -> None:
    """Root may end sessions at the command line; the media server still has to read the file."""
    if os.geteuid() == 0:
        owner = run_dir.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


@contextmanager
def _one_writer(run_dir: Path) -> Iterator[None]:
    try:
        descriptor = os.open(run_dir, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise write_error(run_dir, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
