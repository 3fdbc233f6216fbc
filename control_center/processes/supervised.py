"""One supervised process: started, watched, started again after a growing pause, stopped in good order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from control_center.processes.lock import holder
from foundation.clock import US_PER_S, Clock

_log = structlog.get_logger()
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
# A process that ran this long was well: its next fault starts with the short pause again.
HEALTHY_AFTER_S = 60.0


@dataclass(slots=True)
class Supervised:
    """A process by name and index. One that is already running, started by an earlier supervisor, is adopted."""

    name: str
    index: int
    run_dir: Path
    log_dir: Path
    clock: Clock
    restarts: int = 0
    last_exit: int | None = None
    _child: subprocess.Popen[bytes] | None = None
    _started_us: int = 0
    _pause_s: float = FIRST_PAUSE_S
    _not_before_us: int = field(default=0)

    @property
    def label(self) -> str:
        return f"{self.name}-{self.index}"

    @property
    def pid(self) -> int | None:
        if self._child is not None and self._child.poll() is None:
            return self._child.pid
        return holder(self.run_dir, self.label)

    def tend(self, environment: dict[str, str]) -> None:
        """Start the process if it is not there and its pause is over; note its end if it has ended."""
        if self.pid is not None:
            return
        now_us = self.clock.monotonic_us()
        if self._child is not None:
            self._note_end(self._child, now_us)
        if now_us >= self._not_before_us:
            self._start(environment, now_us)

    def _start(self, environment: dict[str, str], now_us: int) -> None:
        with (self.log_dir / f"{self.label}.stderr").open("ab") as errors:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "control_center.processes.child", self.name, str(self.index)],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                env=environment,
                # Ctrl-C in a terminal reaches the supervisor alone; it then stops the others in order.
                start_new_session=True,
            )
        self._started_us = now_us
        _log.info("process_started", process=self.label, pid=self._child.pid)

    def _note_end(self, child: subprocess.Popen[bytes], now_us: int) -> None:
        self.last_exit = child.returncode
        self._child = None
        self.restarts += 1
        lived_s = (now_us - self._started_us) / US_PER_S
        self._pause_s = FIRST_PAUSE_S if lived_s > HEALTHY_AFTER_S else min(self._pause_s * 2, LONGEST_PAUSE_S)
        self._not_before_us = now_us + int(self._pause_s * US_PER_S)
        _log.warning("process_ended", process=self.label, exit_code=self.last_exit, pause_s=self._pause_s)

    def signal(self, number: signal.Signals) -> None:
        pid = self.pid
        if pid is not None:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def last_words(self) -> str:
        """The last line the process wrote to its standard error, for people."""
        file = self.log_dir / f"{self.label}.stderr"
        lines = file.read_text(errors="replace").strip().splitlines() if file.exists() else []
        return lines[-1] if lines else "it said nothing"
