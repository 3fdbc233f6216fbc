"""`vedette backup`, `vedette restore`, `vedette upgrade` and `vedette keys`."""

from __future__ import annotations

import typer

from control_center.upkeep import backup, keys
from control_center.upkeep.restore import restore
from control_center.upkeep.upgrade import upgrade


def register(app: typer.Typer) -> None:
    app.add_typer(backup.app, name="backup")
    app.command("restore")(restore)
    app.command("upgrade")(upgrade)
    app.add_typer(keys.app, name="keys")
