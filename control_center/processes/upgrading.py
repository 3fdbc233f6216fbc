"""An older database when the center starts: the same as `vedette upgrade`, with its backup before."""

from __future__ import annotations

import structlog

from control_center.processes.lock import holders
from device_registry import centers
from foundation import migrations
from foundation.clock import SYSTEM_CLOCK, Clock
from foundation.database import Stores
from foundation.errors import Conflict
from foundation.settings import Settings
from foundation.signing import Signing

_log = structlog.get_logger()
# A recorder needs no database, and is not to be stopped for one.
_WITHOUT_DATABASE = ("supervisor", "recorder-")


def prepare_stores(settings: Settings, stores: Stores, clock: Clock = SYSTEM_CLOCK) -> None:
    """Create the schema where there is none; upgrade an older one, unless a process of the older version still runs."""
    from foundation.backup import upgrade

    planned = upgrade.plan(settings, stores)
    if planned.is_empty or not planned.is_needed:
        migrations.prepare(stores)
        return
    refuse_running(settings, _WITHOUT_DATABASE)
    done = upgrade.upgrade(
        settings, stores, Signing.open(settings.key_dir, clock), centers.ensure_local, actor="run", clock=clock
    )
    _log.warning("stores_upgraded", before=planned.before, after=planned.after, backup=str(done.backup.path))
    for fault in done.faults:
        _log.error("chain_broken", fault=fault)


def refuse_running(settings: Settings, but: tuple[str, ...] = ()) -> None:
    """Raise `Conflict` while processes of this center run, other than those whose names begin so."""
    running = {name: pid for name, pid in holders(settings.run_dir).items() if not name.startswith(but or ("\0",))}
    if running:
        who = ", ".join(f"{name} (process {pid})" for name, pid in running.items())
        raise Conflict(
            f"this center runs: {who}.", where=str(settings.run_dir), mend="Stop it first, with Ctrl-C or SIGTERM."
        )
