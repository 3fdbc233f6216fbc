"""`vedette backup` and `vedette backup verify`."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from control_center.upkeep.common import (
    IdentityFile,
    PassphraseFile,
    Recipients,
    Trusted,
    lock_of,
    note,
    opened,
    opener_of,
    tell_missing_keys,
    trust_of,
)
from control_center.upkeep.showing import bar, console, megabytes
from foundation.audit import AuditAction
from foundation.clock import SYSTEM_CLOCK, to_iso
from foundation.database import Stores
from foundation.settings import Settings, load_settings
from foundation.signing import Signing

if TYPE_CHECKING:
    from foundation.backup.encryption import Lock
    from foundation.backup.writer import Written


class _CreateUnlessNamed(TyperGroup):
    """`vedette backup [DEST]` is `vedette backup create [DEST]`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["create", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_CreateUnlessNamed, help="Save both stores into one file, while the center runs.")


@app.command("create")
def create(
    dest: Annotated[
        Path | None, typer.Argument(help="File or folder; DATA/backups unless given.", show_default=False)
    ] = None,
    recipient: Recipients = None,
    passphrase_file: PassphraseFile = None,
    keep: Annotated[
        int | None, typer.Option(min=1, help="Then delete the oldest here beyond so many.", show_default=False)
    ] = None,
) -> None:
    """Save both stores into one file; footage and keys are not in it. `vedette backup` alone means this."""
    from foundation.backup import folder

    settings, lock = load_settings(), lock_of(recipient, passphrase_file)
    path = folder.destination(settings, dest, lock, SYSTEM_CLOCK.now_us())
    began = time.monotonic()
    with opened(settings) as stores:
        written = _write(settings, stores, path, lock)
        note(stores, settings, AuditAction.CLI_BACKUP_CREATE, _detail(written, lock))
    console().print(
        f"Saved {len(written.manifest.tables)} tables, {written.manifest.rows:,} rows, "
        f"{megabytes(written.size_bytes)} in {time.monotonic() - began:.1f} s: {written.path}"
    )
    if keep is not None:
        for gone in folder.remove_all_but(path.parent, settings.center.code, keep):
            console().print(f"Removed {gone}")


def _write(settings: Settings, stores: Stores, path: Path, lock: Lock) -> Written:
    from foundation.backup.writer import write_backup

    signing = Signing.open(settings.key_dir)
    with bar("Saving") as progress:
        return write_backup(settings, stores, path, signing, lock=lock, progress=progress)


def _detail(written: Written, lock: Lock) -> dict[str, Any]:
    with written.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "file": written.path.name,
        "sha256": digest,
        "rows": written.manifest.rows,
        "audit_seq": written.manifest.audit_head.seq,
        "encrypted": "passphrase" if lock.passphrase is not None else list(lock.recipients) or None,
    }


@app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="Backup to check.")],
    identity: IdentityFile = None,
    passphrase_file: PassphraseFile = None,
    trust: Trusted = None,
) -> None:
    """Check every hash, the counts and the signature of a backup; nothing is restored."""
    from foundation.backup.reader import BackupFile

    settings = load_settings()
    backup = BackupFile(file, opener_of(identity, passphrase_file))
    with bar("Checking") as progress:
        manifest = backup.verify(trust_of(settings, trust), count_rows=True, progress=progress)
    start = manifest.start
    revisions = ", ".join(f"{store} {revision}" for store, revision in start.revisions.items())
    console().print(
        f"The backup is whole: {start.center_name} ({start.center_code}), {to_iso(start.created_us)}, "
        f"Vedette {start.vedette}, schema {revisions}; {len(manifest.tables)} tables, {manifest.rows:,} rows, "
        f"audit trail up to entry {manifest.audit_head.seq:,}."
    )
    tell_missing_keys(settings, start.sealed_under)
