"""How to sign in at cameras. A password is sealed before it reaches the database and opened only by who connects."""

from __future__ import annotations

from sqlalchemy.orm import Session

from device_registry.login import Login
from device_registry.models import Credential
from foundation.clock import Clock
from foundation.keyring import Keyring

PURPOSE = "credential"


def put(session: Session, keyring: Keyring, clock: Clock, camera_id: str, login: Login) -> bool:
    """True when this changed what was known."""
    if find(session, keyring, camera_id) == login:
        return False
    session.merge(sealed(keyring, clock, camera_id, login))
    session.flush()
    return True


def sealed(keyring: Keyring, clock: Clock, camera_id: str, login: Login) -> Credential:
    text = keyring.seal(login.password.encode(), PURPOSE)
    return Credential(
        camera_id=camera_id,
        username=login.username,
        password=text,
        key_id=text.partition(":")[0],
        sealed_us=clock.now_us(),
    )


def find(session: Session, keyring: Keyring, camera_id: str) -> Login | None:
    row = session.get(Credential, camera_id)
    return None if row is None else opened(keyring, row)


def opened(keyring: Keyring, row: Credential) -> Login:
    return Login(row.username, keyring.unseal(row.password, PURPOSE).decode())
