"""`vedette restore`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from control_center.upkeep.common import (
    IdentityFile,
    PassphraseFile,
    Trusted,
    actor,
    opener_of,
    tell_missing_keys,
    trust_of,
)
from control_center.upkeep.showing import bar, console
from foundation.clock import to_iso
from foundation.errors import InvalidInput
from foundation.files import ensure_folder
from foundation.settings import load_settings

if TYPE_CHECKING:
    from foundation.backup.restore import Restored

_LEFT_TO_PEOPLE = """\
What is left to you:
  Footage is not in a backup. What lies on this machine's disks is found again; alerts whose footage lay elsewhere
  stay without.
  What was withdrawn, changed or forbidden after the backup is as it was before: import the present lists again, and
  look through accounts and roles (`vedette accounts ls`).
  Everybody signs in anew; programs need new API tokens, and people new recovery codes.\
"""


def restore(
    file: Annotated[Path | None, typer.Argument(help="Backup to restore.", show_default=False)] = None,
    identity: IdentityFile = None,
    passphrase_file: PassphraseFile = None,
    trust: Trusted = None,
    replace: Annotated[bool, typer.Option("--replace", help="Also where the database holds data; it is kept.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Undo a restore that was interrupted, and end.")] = False,
) -> None:
    """Put a backup's state in the place of the present one; the center must not run."""
    from control_center.upkeep.settling import ROOMS
    from control_center.upkeep.stillness import stillness
    from foundation.backup.reader import BackupFile
    from foundation.backup.restore import restore as restore_backup
    from foundation.backup.target import target_of

    if file is None and not undo:
        raise InvalidInput("no backup is named.", mend="Run `vedette restore FILE`.")
    settings = load_settings()
    opener = opener_of(identity, passphrase_file)
    ensure_folder(settings.data_dir)
    with stillness(settings), target_of(settings) as target:
        _tell_undone(target.clean_up(), undo)
        if undo or file is None:
            return
        backup, trusted = BackupFile(file, opener), trust_of(settings, trust)
        with bar("Restoring") as progress:
            done = restore_backup(
                settings, target, backup, trusted, ROOMS, actor=actor(), replace=replace, progress=progress
            )
    shutil.rmtree(settings.index_dir, ignore_errors=True)  # of the records as they were before
    _tell(done)
    tell_missing_keys(settings, done.manifest.start.sealed_under)
    console().print(_LEFT_TO_PEOPLE)
    if done.faults:
        raise typer.Exit(1)


def _tell_undone(undone: bool, asked: bool) -> None:
    if undone:
        console().print("A restore that was interrupted has been undone: the database is the one from before it.")
    elif asked:
        console().print("No restore was interrupted here.")


def _tell(done: Restored) -> None:
    out = console()
    out.print(f"Restored {done.manifest.rows:,} rows as of {to_iso(done.manifest.start.created_us)}.")
    if done.migrated:
        out.print("The schema was that of an older version, and has been migrated.")
    for what, count in done.settled.items():
        out.print(f"  {count:,} {what}")
    for fault in done.faults:
        out.print(f"{fault} It was so when the backup was made.")
    for line in done.way_back:
        out.print(line)
