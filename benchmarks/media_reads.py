"""What it costs to be answerable for every viewing: a line in the spool, its entry in the audit trail, and a look at
who may no longer watch. CPU time, with SQLite as in a center.

    python -m benchmarks.media_reads --viewings 5000
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from control_center.media.reads import MediaReads
from foundation.clock import SYSTEM_CLOCK
from foundation.database import Stores, open_engine
from foundation.identifiers import Origin, new_id
from foundation.migrations import migrate
from ingest.live.ended import note_ended
from ingest.live.ended_watch import EndedWatch
from ingest.live.leaves import Holder, live_leave
from ingest.live.noting import Notes
from ingest.live.read_spool import ReadSpool

MARKS = 10_000


def cpu_us(deed: Callable[[], object], times: int) -> float:
    """Microseconds of CPU each time, of all threads of this process."""
    started_s = time.process_time()
    for _ in range(times):
        deed()
    return (time.process_time() - started_s) * 1e6 / times


async def note(run_dir: Path, viewings: int) -> None:
    spool = ReadSpool(run_dir, SYSTEM_CLOCK)
    notes = Notes(spool, SYSTEM_CLOCK)
    camera = new_id()
    leave = live_leave(SYSTEM_CLOCK, Holder("zhang", new_id(), new_id()), [camera])
    for _ in range(viewings):
        await notes.live_begins(leave, (camera, "main"))
    await spool.tend()
    spool.close()


def take_up(folder: Path) -> int:
    """Everything that waits, into the trail; how many entries that made."""
    url = f"sqlite:///{folder}"
    stores = Stores(core=open_engine(f"{url}/core.sqlite3"), observations=open_engine(f"{url}/observations.sqlite3"))
    migrate(stores)
    started_s = time.process_time()
    entries = MediaReads(stores.core, folder, Origin(new_id(), "node-1"), SYSTEM_CLOCK).take_up()
    spent_s = time.process_time() - started_s
    print(f"its entry in the audit trail      {spent_s * 1e6 / max(entries, 1):9.1f} us of CPU")
    stores.dispose()
    return entries


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewings", type=int, default=5000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spent = cpu_us(lambda: asyncio.run(note(folder, options.viewings)), 1) / options.viewings
        print(f"a line about a viewing            {spent:9.1f} us of CPU")
        entries = take_up(folder)
        told = cpu_us(lambda: note_ended(folder, SYSTEM_CLOCK, session_ids=[new_id()]), 100)
        print(f"note_ended                        {told:9.1f} us of CPU")
        note_ended(folder, SYSTEM_CLOCK, session_ids=[new_id() for _ in range(MARKS)])
        told = cpu_us(lambda: note_ended(folder, SYSTEM_CLOCK, session_ids=[new_id()]), 20)
        print(f"note_ended, {MARKS:,} in the file   {told:9.1f} us of CPU")
        watch = EndedWatch(folder, SYSTEM_CLOCK)
        watch.refresh()
        print(f"a look at an unchanged file       {cpu_us(watch.refresh, 10_000):9.1f} us of CPU")
    print(f"viewings in the trail             {entries:,} of {options.viewings:,} (goal: all)")
    return 0 if entries == options.viewings else 1


if __name__ == "__main__":
    sys.exit(main())
