"""What processes cost, from the kernel's own figures (proc(5))."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_KIB = 1024
_SAMPLE_EVERY_S = 5.0  # the kernel walks all memory of a process for a sample


class Usage:
    """CPU time and memory of this process and all below it, from now on."""

    def __init__(self) -> None:
        self._before_s = _cpu_s()
        self.peak_pss_bytes = 0
        self._sampled_s = float("-inf")

    def sample(self) -> None:
        """Call it often. Pages that several processes share count once in the sum of proportional set sizes."""
        if time.monotonic() - self._sampled_s < _SAMPLE_EVERY_S:
            return
        self._sampled_s = time.monotonic()
        self.peak_pss_bytes = max(self.peak_pss_bytes, sum(map(pss_bytes, process_tree(os.getpid()))))

    @property
    def cpu_s(self) -> float:
        """User and system time; that of children once they have ended."""
        return _cpu_s() - self._before_s


def _cpu_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def pss_bytes(process: int) -> int:
    with suppress(OSError), Path(f"/proc/{process}/smaps_rollup").open("rb") as file:
        for line in file:
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * _KIB
    return 0  # it has ended


def process_tree(process: int) -> Iterator[int]:
    """The process, its children, and theirs."""
    yield process
    with suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from process_tree(int(child))
