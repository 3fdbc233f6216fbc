"""`vedette upgrade`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from control_center.processes.lock import holders
from control_center.upkeep.common import actor, opened
from control_center.upkeep.showing import bar, console, megabytes
from device_registry import centers
from foundation.database import Stores
from foundation.settings import Settings, load_settings
from foundation.signing import Signing

if TYPE_CHECKING:
    from foundation.backup.upgrade import Plan


def upgrade(
    check: Annotated[bool, typer.Option("--check", help="Look, rehearse on a copy, and change nothing.")] = False,
) -> None:
    """Bring an older database to this version's schema, with a backup before; the center must not run."""
    from foundation.backup import upgrade as upgrading

    settings = load_settings()
    with opened(settings) as stores:
        planned = upgrading.plan(settings, stores)
        if planned.is_empty:
            console().print("There is no database yet: `vedette run` makes it.")
        elif not planned.is_needed:
            console().print("There is nothing to upgrade: the database has this version's schema.")
        elif check:
            _rehearse(settings, stores, planned)
        else:
            _upgrade(settings, stores)


def _rehearse(settings: Settings, stores: Stores, planned: Plan) -> None:
    from foundation.backup import upgrade as upgrading

    out = console()
    out.print(f"To do: {_steps(planned)}.")
    out.print(f"The database takes {megabytes(planned.database_bytes)}; {megabytes(planned.free_bytes)} are free.")
    if stores.core.dialect.name == "postgresql" and holders(settings.run_dir):
        out.print("Not rehearsed: on PostgreSQL that locks tables, and the center runs. Stop it and check again.")
    else:
        faults = upgrading.rehearse(settings, stores)
        out.print("Rehearsed: the migration works on this database. Nothing was changed.")
        for fault in faults:
            out.print(fault)
    if not planned.has_room:
        out.print("There is too little room: free space before you upgrade.")
        raise typer.Exit(1)


def _upgrade(settings: Settings, stores: Stores) -> None:
    from control_center.upkeep.stillness import stillness
    from foundation.backup import upgrade as upgrading

    with stillness(settings), bar("Saving") as progress:
        signing = Signing.open(settings.key_dir)
        done = upgrading.upgrade(settings, stores, signing, centers.ensure_local, actor=actor(), progress=progress)
    out = console()
    out.print(f"Upgraded: {_steps(done.plan)}.")
    out.print("The way back, if you need it: install the version that you had before, then run")
    out.print(f"  vedette restore {done.backup.path.absolute()} --replace")
    for fault in done.faults:
        out.print(fault)
    if done.faults:
        raise typer.Exit(1)


def _steps(planned: Plan) -> str:
    return ", ".join(
        f"{store} {planned.before[store] or 'new'} → {revision}"
        for store, revision in planned.after.items()
        if planned.before[store] != revision
    )
