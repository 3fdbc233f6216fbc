"""What the commands of upkeep share: the stores opened, what locks and opens files, and the note in the audit trail."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from device_registry import centers
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import SYSTEM_CLOCK
from foundation.database import Stores, open_stores, transaction
from foundation.keyring import ids_in
from foundation.settings import Settings
from foundation.signing import Signing

from control_center.upkeep.showing import console  # isort: skip

if TYPE_CHECKING:  # they bring alembic, which --help can do without
    from foundation.backup.encryption import Lock, Opener
    from foundation.backup.reader import Trust

Recipients = Annotated[
    list[str] | None,
    typer.Option(
        "--recipient", help="Encrypt to this age recipient (age1...); may be given again.", show_default=False
    ),
]
PassphraseFile = Annotated[
    Path | None, typer.Option(help="File, mode 0600, whose first line is the passphrase.", show_default=False)
]
IdentityFile = Annotated[
    Path | None, typer.Option("--identity", help="File of the age identity that opens it.", show_default=False)
]
Trusted = Annotated[
    list[str] | None,
    typer.Option("--trust", help="Fingerprint of a signing key to trust besides our own.", show_default=False),
]


@contextmanager
def opened(settings: Settings) -> Iterator[Stores]:
    stores = open_stores(settings)
    try:
        yield stores
    finally:
        stores.dispose()


def actor() -> str:
    return f"cli:{getpass.getuser()}"


def lock_of(recipients: list[str] | None, passphrase_file: Path | None) -> Lock:
    from foundation.backup.encryption import Lock, read_passphrase

    return Lock(tuple(recipients or ()), read_passphrase(passphrase_file) if passphrase_file else None)


def opener_of(identity: Path | None, passphrase_file: Path | None) -> Opener:
    from foundation.backup.encryption import Opener, read_identities, read_passphrase

    return Opener(
        tuple(read_identities(identity)) if identity else (),
        read_passphrase(passphrase_file) if passphrase_file else None,
    )


def trust_of(settings: Settings, fingerprints: list[str] | None) -> Trust:
    from foundation.backup.reader import Trust

    return Trust(Signing.existing(settings.key_dir), frozenset(fingerprints or ()))


def note(stores: Stores, settings: Settings, action: AuditAction, detail: Mapping[str, Any]) -> bool:
    """Into the audit trail; not where there is none yet, or only one of an older schema, and then it answers False."""
    from foundation import migrations
    from foundation.backup.shapes import STORES

    if migrations.revisions(stores) != {name: store.head for name, store in STORES.items()}:
        return False
    with transaction(stores.core) as session:
        origin = centers.ensure_local(session, settings, SYSTEM_CLOCK)
        audit.record(session, action, origin=origin, actor=actor(), subject=origin.center_id, detail=detail)
    return True


def tell_missing_keys(settings: Settings, sealed_under: Mapping[str, int]) -> None:
    present = ids_in(settings.key_dir)
    missing = {key_id: count for key_id, count in sealed_under.items() if key_id not in present}
    if missing:
        which = ", ".join(f"{key_id} ({count:,} secrets)" for key_id, count in missing.items())
        console().print(
            f"Keys are missing: {which}. Without them passwords of cameras and second factors cannot be read: run "
            "`vedette keys restore FILE`, or enter them again."
        )
