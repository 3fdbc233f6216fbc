"""What the commands of this room share: the store, whose devices are meant, and what came of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from device_registry import centers
from device_registry.login import Login
from device_registry.onvif.endpoint import IpNetwork
from device_registry.onvif.services import Connected, connect
from device_registry.opening import opened as stores_opened
from device_registry.opening import password_of, scope_of
from device_registry.operations import running, targets
from device_registry.operations.targets import Target
from foundation.clock import SYSTEM_CLOCK
from foundation.database import reading, transaction
from foundation.errors import FileMissing, InvalidInput, NotFound
from foundation.keyring import Keyring
from foundation.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """The store, opened for one command."""

    core: Engine
    settings: Settings
    keyring: Keyring

    @property
    def allowed(self) -> list[IpNetwork]:
        return self.settings.devices.networks

    def targets(self, codes: Sequence[str], file: Path | None, center: str | None) -> list[Target]:
        """The cameras of these codes, or all of the center. Raises `InvalidInput` when neither is named."""
        wanted = [*codes, *(_listed(file) if file else ())]
        if not wanted and center is None:
            raise InvalidInput("no camera is named.", mend="Name codes, --codes FILE or --center CODE.")
        with reading(self.core) as session:
            scope = scope_of(session, self.settings, center)
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
        return connect(url, Login(username, password_of(username)), allowed=self.allowed)

    def _registered(self, session: Session, place: str, center: str | None) -> Target | None:
        scope = scope_of(session, self.settings, center)
        try:
            return targets.by_codes(session, self.keyring, scope, [place])[0]
        except NotFound:
            return targets.by_host(session, self.keyring, scope, place)


@contextmanager
def opened() -> Iterator[Desk]:
    with stores_opened() as (core, settings):
        with transaction(core) as session:
            centers.ensure_local(session, settings, SYSTEM_CLOCK)
        yield Desk(core, settings, Keyring.open(settings.key_dir))


def _listed(file: Path) -> list[str]:
    try:
        lines = [line.strip() for line in file.read_text("utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise FileMissing("the list of codes cannot be read.", where=str(file), mend="Write it in UTF-8.") from error
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise InvalidInput("the list names no camera.", where=str(file), mend="Write one code a line.")
    return found
