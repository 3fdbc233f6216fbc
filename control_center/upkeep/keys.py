"""`vedette keys`: those that seal secrets and those that sign."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from control_center.upkeep.common import IdentityFile, PassphraseFile, Recipients, lock_of, note, opened, opener_of
from control_center.upkeep.showing import console
from foundation.audit import AuditAction
from foundation.clock import to_iso
from foundation.database import Stores
from foundation.errors import Conflict, NotFound
from foundation.keyring import Keyring, ids_in
from foundation.settings import Settings, load_settings
from foundation.signing import Signing

app = typer.Typer(no_args_is_help=True, help="Keys that seal secrets at rest, and keys that sign.")


@app.command("ls")
def ls() -> None:
    """List the keys, their age, and what is sealed under each."""
    settings = load_settings()
    signing, sealing = Signing.existing(settings.key_dir), ids_in(settings.key_dir)
    used = _usage(settings)
    table = Table(
        Column("Key", no_wrap=True),
        *(Column(heading, overflow="fold") for heading in ("Use", "Made", "Sealed under it")),
        Column("Fingerprint", overflow="fold", min_width=20),
    )
    for key_id in sealing:
        use = "seals" if key_id == max(sealing) else "opens what it sealed"
        table.add_row(key_id, use, _made(key_id), _counts(used.get(key_id, Counter())), "")
    for key in signing.keys:
        use = "signs" if key.can_sign and key.id == signing.current_id else "verifies what it signed"
        table.add_row(key.id, use, _made(key.id), "", key.fingerprint)
    Console(highlight=False).print(table)
    for key_id in sorted(used.keys() - set(sealing)):
        console().print(f"The key {key_id} is missing; sealed under it: {_counts(used[key_id])}.")


@app.command("rotate")
def rotate() -> None:
    """Make new keys, and seal anew whatever lies sealed at rest; the center may run."""
    from foundation.sealed import reseal

    settings = load_settings()
    keyring, signing = Keyring.open(settings.key_dir), Signing.open(settings.key_dir)
    made = {"sealing": keyring.rotate(), "signing": signing.rotate()}
    out = console()
    out.print(f"New keys: {made['sealing']} seals, {made['signing']} signs.")
    with opened(settings) as stores:
        if not _is_current(stores):
            out.print("Nothing was sealed anew: there is no database of this version's schema.")
            return
        done = reseal(stores.core, keyring)
        detail = {**made, "resealed": dict(done.done), "unreadable": dict(done.unreadable)}
        note(stores, settings, AuditAction.CLI_KEY_ROTATE, detail)
    out.print(f"Sealed anew: {_counts(done.done) or 'nothing'}.")
    if done.unreadable:
        out.print(f"No key opens these, enter them again: {_counts(done.unreadable)}.")
    out.print(
        "The old keys stay, for older backups. Save the new ones now (`vedette keys backup`); when no backup needs an\n"
        "old one any more, `vedette keys retire KEYID`."
    )


@app.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(help="File to write; keep it apart from the databases' backups.")],
    recipient: Recipients = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Write all keys into one file, encrypted."""
    from foundation.backup.key_file import write_keys

    settings = load_settings()
    lock = lock_of(recipient, passphrase_file)
    count = write_keys(settings, file, lock)
    _note_if_possible(settings, AuditAction.CLI_KEY_BACKUP, {"file": file.name, "keys": ids_in(settings.key_dir)})
    console().print(f"Saved {count} key files, encrypted: {file}")
    if file.absolute().is_relative_to(settings.data_dir.absolute()):
        console().print("Move this file elsewhere: it is lost with the disk whose keys it holds.")


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="File that `vedette keys backup` wrote.")],
    identity: IdentityFile = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Put the keys that are missing into the key folder; none is replaced."""
    from foundation.backup.key_file import restore_keys

    settings = load_settings()
    done = restore_keys(settings, file, opener_of(identity, passphrase_file))
    added = sorted({name.partition(".")[0] for name in done.added})
    _note_if_possible(settings, AuditAction.CLI_KEY_RESTORE, {"file": file.name, "keys": added})
    console().print(f"Restored {len(done.added)} key files; {len(done.present)} were there already.")


@app.command("retire")
def retire(key_id: Annotated[str, typer.Argument(help="Id of the key, as `vedette keys ls` shows it.")]) -> None:
    """Destroy an old key, when nothing is sealed under it any more."""
    settings = load_settings()
    keyring, signing = Keyring.open(settings.key_dir), Signing.open(settings.key_dir)
    if key_id in keyring.ids:
        used = _usage(settings).get(key_id)
        if used:
            raise Conflict(
                f"secrets are sealed under this key: {_counts(used)}.",
                where=f"key {key_id}",
                mend="Run `vedette keys rotate`, which seals them anew.",
            )
        keyring.retire(key_id)
        _tell_backups(settings, key_id)
    elif any(key.id == key_id and key.can_sign for key in signing.keys):
        signing.retire(key_id)
    else:
        raise NotFound("there is no such key.", where=f"key {key_id}", mend="`vedette keys ls` lists them.")
    _note_if_possible(settings, AuditAction.CLI_KEY_RETIRE, {"key": key_id})
    console().print(f"The key {key_id} is gone.")


def _tell_backups(settings: Settings, key_id: str) -> None:
    """Which backups here had secrets sealed under the key; encrypted ones do not tell."""
    from foundation.backup.folder import backups
    from foundation.backup.reader import BackupFile
    from foundation.errors import VedetteError

    for file in backups(settings.backup_dir, settings.center.code):
        try:
            needs = key_id in BackupFile(file).start().sealed_under
        except VedetteError:
            continue
        if needs:
            console().print(f"{file} holds secrets that only this key opens: keep a `vedette keys backup` that has it.")


def _usage(settings: Settings) -> dict[str, Counter[str]]:
    from foundation.sealed import usage

    with opened(settings) as stores:
        if not _is_current(stores):
            return {}
        with stores.core.execution_options(read_only=True).connect() as connection:
            return usage(connection)


def _is_current(stores: Stores) -> bool:
    from foundation import migrations
    from foundation.backup.shapes import STORES

    return migrations.revisions(stores)["core"] == STORES["core"].head


def _note_if_possible(settings: Settings, action: AuditAction, detail: dict[str, object]) -> None:
    with opened(settings) as stores:
        note(stores, settings, action, detail)


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{count:,} in {column}" for column, count in sorted(counter.items()))


def _made(key_id: str) -> str:
    """Its id begins with the milliseconds of a UUIDv7."""
    return to_iso(int(key_id[:12], 16) * 1000)
