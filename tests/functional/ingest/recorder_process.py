"""A recorder as a process of its own, on a data folder; ended by force where the test has not ended it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CODE = (
    "from foundation.settings import load_settings; from ingest.recorder import run_recorder;"
    "run_recorder(load_settings(), 0)"
)


@contextmanager
def running_recorder(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    settings = {
        "VEDETTE_DATA_DIR": str(folder),
        "VEDETTE_RECORDER__SEGMENT_S": "4",
        "VEDETTE_RECORDER__SYNC_S": "0.5",
        "VEDETTE_RECORDER__MIN_FREE_BYTES": "0",
    }
    child = subprocess.Popen([sys.executable, "-c", _CODE], env={**os.environ, **settings})
    try:
        yield child
    finally:
        child.kill()
        child.wait()
