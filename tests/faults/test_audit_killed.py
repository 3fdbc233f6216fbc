"""Several processes write to the audit trail, one of them also lets old entries go, and all are killed at moments of
chance: the chain holds each time, and nothing that was committed is missing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from foundation.audit.check import Verification, verify
from foundation.database import Stores

pytestmark = [pytest.mark.functional, pytest.mark.long, pytest.mark.full]

SEED = 20_261_125
ROUNDS = 20 if os.environ.get("VEDETTE_TEST_FULL") == "1" else 3
WRITERS = 3
# Writes a line for each commit, after it: so many entries there are at least.
_WRITER = """
import itertools, sys
from foundation import audit, outbox
from foundation.audit import purge as audit_purge
from foundation.audit import AuditAction
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_engine, transaction
from foundation.identifiers import Origin

url, name = sys.argv[1:]
core, origin = open_engine(url), Origin("center-1", name)
audit_purge.BATCH = 7
for n in itertools.count():
    with transaction(core) as session:
        for subject in range(1 + n % 3):
            detail = {"n": n, "text": "x" * (n * 37 % 3000)}
            audit.record(session, AuditAction.API_ALERT_READ, origin=origin, actor=name, subject=str(subject),
                         detail=detail, reason=None if n % 2 else "because", case_number=f"A{n}")
        if n % 4 == 0:
            outbox.append(session, "center-1", "center-2", "normal", "test", {"n": n})
    print(1 + n % 3, flush=True)
    if name == "writer-0" and n % 10 == 9:
        audit_purge.purge(core, origin, name, SYSTEM_CLOCK, SYSTEM_CLOCK.now_us() - 300_000)
"""


class Writer:
    """A process, and how many entries it has committed."""

    def __init__(self, url: str, number: int) -> None:
        self.committed = 0
        self._process = subprocess.Popen(
            [sys.executable, "-c", _WRITER, url, f"writer-{number}"],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        self._reader = threading.Thread(target=self._count)
        self._reader.start()

    def _count(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith("\n"):
                self.committed += int(line)

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(20)
        self._reader.join(20)
        assert self._process.stdout is not None
        self._process.stdout.close()


def test_the_chain_holds_whenever_its_writers_are_killed(stores: Stores) -> None:
    chance = random.Random(SEED)
    url = stores.core.url.render_as_string(hide_password=False)
    committed = 0
    for _ in range(ROUNDS):
        writers = [Writer(url, number) for number in range(WRITERS)]
        try:
            _until_all_write(writers)
            time.sleep(chance.uniform(0, 1.5))
            checked = verify(stores.core)  # also while they write
            assert checked.fault is None, checked
        finally:
            for writer in chance.sample(writers, WRITERS):
                writer.kill()
        committed += sum(writer.committed for writer in writers)
        checked = verify(stores.core)
        assert checked.fault is None, checked
        assert checked.head.seq >= committed
    assert checked.anchor.seq > 0, "nothing was let go"
    assert checked == Verification(checked.head.seq - checked.anchor.seq, checked.anchor, checked.head, None)


def _until_all_write(writers: list[Writer]) -> None:
    deadline = time.monotonic() + 60  # a guard against hanging
    while not all(writer.committed > 3 for writer in writers):
        assert time.monotonic() < deadline
        time.sleep(0.02)
