"""Whether a leave is still good, as the file of ended sessions says; looked at again whenever it may have changed."""

from __future__ import annotations

from pathlib import Path

import structlog

from foundation.clock import Clock
from foundation.errors import ResourceError
from foundation.metrics import gauge
from ingest.live.ended import FILE_NAME, DamagedFile, Ended, put, read
from ingest.live.leaves import ClipLeave, Leave

_closed = gauge("vedette_live_closed", "1 while it cannot be known whose sessions ended, and nothing is shown.")
_log = structlog.get_logger()


class EndedWatch:
    """What was read once holds, also when the file is taken away.

    A file that cannot be read hides who has ended. It is replaced, and every leave from before is over: the API, which
    knows, gives new ones. Where it cannot be replaced either, nothing is shown until it can.
    """

    def __init__(self, run_dir: Path, clock: Clock) -> None:
        self._run_dir = run_dir
        self._clock = clock
        self._known = Ended()
        self._stamp: tuple[int, int, int] | None = None  # of the file read last
        self._is_closed = False
        self.refresh()

    def is_over(self, leave: Leave) -> bool:
        known, holder = self._known, leave.holder
        # One of a time to come was given before the clock was set back, when marks of now would not touch it.
        is_of_its_time = leave.issued_us <= self._clock.now_us() < leave.expires_us
        return (
            self._is_closed
            or not is_of_its_time
            or holder.session_id in known.sessions
            or leave.issued_us <= max(known.all_us, known.accounts.get(holder.account_id, 0))
            or (isinstance(leave, ClipLeave) and leave.issued_us <= known.locked.get(holder.session_id, 0))
        )

    def refresh(self) -> None:
        """Read the file when it is another than before: a look at its inode otherwise."""
        path = self._run_dir / FILE_NAME
        try:
            found = path.stat()
            stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
            if stamp != self._stamp:
                self._take(read(path) or Ended())
                self._stamp = stamp
            self._open()
        except FileNotFoundError:
            self._stamp = None
            self._open()
        except (DamagedFile, OSError) as error:
            self._replace(error)

    def _take(self, found: Ended) -> None:
        self._known.merge(found)
        self._known.prune(self._clock.now_us())

    def _replace(self, cause: Exception) -> None:
        now_us = self._clock.now_us()
        self._take(Ended(all_us=now_us))
        try:
            put(self._run_dir, self._known, now_us)
            _log.error("ended_sessions_damaged", error=str(cause), mended=True)
            self._open()
        except (ResourceError, OSError) as error:
            if not self._is_closed:
                _log.error("ended_sessions_unreadable", error=str(error), cause=str(cause))
            self._is_closed = True
            _closed.set(1)

    def _open(self) -> None:
        if self._is_closed:
            _log.info("ended_sessions_readable")
        self._is_closed = False
        _closed.set(0)
