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
import json, resource, subprocess, sys
code = subprocess.call(sys.argv[2:], stdout=sys.stderr)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
cost = {"cpu_s": used.ru_utime + used.ru_stime, "peak_mib": used.ru_maxrss / 1024}
open(sys.argv[1], "w").write(json.dumps(cost))
sys.exit(code)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    cpu_s: float
    peak_mib: float


def measured(command: Sequence[str | Path], log: Path) -> Cost:
    """What it says goes to the end of the log; the benchmark ends where it fails."""
    told = log.with_suffix(".cost")
    with log.open("ab") as out:
        code = subprocess.call([sys.executable, "-c", _LAUNCHER, str(told), *map(str, command)], stdout=out, stderr=out)
    if code:
        sys.exit(f"{list(map(str, command[1:4]))} failed:\n{log.read_text(errors='replace')[-2000:]}")
    cost = Cost(**json.loads(told.read_text()))
    told.unlink()
    return cost
