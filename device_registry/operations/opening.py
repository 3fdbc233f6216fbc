"""What the commands of this room share: the store, whose devices are meant, and what came of each."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from device_registry import centers
from device_registry.login import Login
from device_registry.onvif.endpoint import IpNetwork
from device_registry.onvif.services import Connected, connect
from device_registry.operations import running, targets
from device_registry.operations.targets import Target
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_stores, reading, transaction
from foundation.database_faults import explained
from foundation.errors import FileMissing, InvalidInput, NotFound
from foundation.files import ensure_folder
from foundation.keyring import Keyring
from foundation.scope import NOTHING, Scope
from foundation.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Desk:
    """The store, opened for one command."""

    core: Engine
    settings: Settings
    keyring: Keyring

    @property
    def allowed(self) -> list[IpNetwork]:
        return self.settings.devices.networks

    @property
    def actor(self) -> str:
        return f"cli:{getpass.getuser()}"

    def scope(self, session: Session, center: str | None) -> Scope:
        """The center of this code, or this one, and all below it."""
        top = centers.find(session, center or self.settings.center.code)
        if top is None and center is not None:
            raise NotFound("there is no such center.", where=f"center {center}", mend="See `vedette centers ls`.")
        return centers.descendants(session, top.id) if top else NOTHING

    def targets(self, codes: Sequence[str], file: Path | None, center: str | None) -> list[Target]:
        """The cameras of these codes, or all of the center. Raises `InvalidInput` when neither is named."""
        wanted = [*codes, *(_listed(file) if file else ())]
        if not wanted and center is None:
            raise InvalidInput("no camera is named.", mend="Name codes, --codes FILE or --center CODE.")
        with reading(self.core) as session:
            scope = self.scope(session, center)
            if wanted:
                return targets.by_codes(session, self.keyring, scope, wanted)
            return targets.all_of(session, self.keyring, scope)

    def connected(self, place: str, center: str | None, username: str | None) -> Connected:
        """A session at the device of a camera's code or registered address; at another host only with a user name."""
        with reading(self.core) as session:
            target = self._registered(session, place, center)
        if target is not None and username is None:
            return running.connected(target, self.allowed)
        if target is None and username is None:
            mend = "See `vedette cameras ls`; for a host that is not registered, give --username."
            raise NotFound("neither a camera's code nor its device's address.", where=place[:200], mend=mend)
        assert username is not None
        url = target.onvif_url if target is not None and target.onvif_url else place
        return connect(url, Login(username, ask_password(username)), allowed=self.allowed)

    def _registered(self, session: Session, place: str, center: str | None) -> Target | None:
        scope = self.scope(session, center)
        try:
            return targets.by_codes(session, self.keyring, scope, [place])[0]
        except NotFound:
            return targets.by_host(session, self.keyring, scope, place)


@contextmanager
def opened() -> Iterator[Desk]:
    from foundation import migrations  # a quarter of a second, which --help can do without

    settings = load_settings()
    ensure_folder(settings.data_dir)
    stores = open_stores(settings)
    try:
        migrations.prepare(stores)
        with explained(stores.core):
            with transaction(stores.core) as session:
                centers.ensure_local(session, settings, SYSTEM_CLOCK)
            yield Desk(stores.core, settings, Keyring.open(settings.key_dir))
    finally:
        stores.dispose()


def _listed(file: Path) -> list[str]:
    try:
        lines = [line.strip() for line in file.read_text("utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise FileMissing("the list of codes cannot be read.", where=str(file), mend="Write it in UTF-8.") from error
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise InvalidInput("the list names no camera.", where=str(file), mend="Write one code a line.")
    return found


def ask_password(username: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"Password of {username} at the device: ")
    return sys.stdin.readline().rstrip("\r\n")


def console() -> Console:
    return Console(markup=False, highlight=False)  # what a device says is text, not markup
