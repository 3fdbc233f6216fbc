"""What a command costs: CPU seconds of all its threads, and memory at its peak.

It is started by a small process, and not by the benchmark: a process counts as its own peak what its parent held when
it was started (Linux counts from before exec), so gigabytes of a benchmark would be those of what it measures.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_LAUNCHER = """
import json, resource, signal, subprocess, sys
most = int(sys.argv[2]) or resource.RLIM_INFINITY
resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # of what is stopped
code = subprocess.call(sys.argv[3:], stdout=sys.stderr)
used, stopped = resource.getrusage(resource.RUSAGE_CHILDREN), code == -signal.SIGXCPU
cost = {"cpu_s": used.ru_utime + used.ru_stime, "peak_mib": used.ru_maxrss / 1024, "stopped": stopped}
open(sys.argv[1], "w").write(json.dumps(cost))
sys.exit(0 if stopped else code)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    cpu_s: float
    peak_mib: float
    stopped: bool = False  # at the most that it was given: it would have cost more


def measured(command: Sequence[str | Path], log: Path, most_cpu_s: int = 0) -> Cost:
    """What it says goes to the end of the log; the benchmark ends where it fails. 0: for as long as it takes."""
    told = log.with_suffix(".cost")
    with log.open("ab") as out:
        code = subprocess.call(
            [sys.executable, "-c", _LAUNCHER, str(told), str(most_cpu_s), *map(str, command)], stdout=out, stderr=out
        )
    if code:
        sys.exit(f"{list(map(str, command[1:4]))} failed:\n{log.read_text(errors='replace')[-2000:]}")
    cost = Cost(**json.loads(told.read_text()))
    told.unlink()
    return cost
