"""While a center's state is exchanged nothing of it runs, and nothing can be started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from control_center.processes.lock import ProcessLock
from control_center.processes.upgrading import refuse_running
from foundation.files import ensure_folder
from foundation.settings import Settings


@contextmanager
def stillness(settings: Settings, but: tuple[str, ...] = ()) -> Iterator[None]:
    """Hold the supervisor's place; raise `Conflict` while processes run, other than those whose names begin so."""
    ensure_folder(settings.run_dir)
    refuse_running(settings, but)
    lock = ProcessLock(settings.run_dir, "supervisor").acquire()
    try:
        refuse_running(settings, (*but, "supervisor"))
        yield
    finally:
        lock.release()
