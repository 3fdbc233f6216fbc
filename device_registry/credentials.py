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
    sealed = keyring.seal(login.password.encode(), PURPOSE)
    session.merge(
        Credential(
            camera_id=camera_id,
            username=login.username,
            password=sealed,
            key_id=sealed.partition(":")[0],
            sealed_us=clock.now_us(),
        )
    )
    session.flush()
    return True


def find(session: Session, keyring: Keyring, camera_id: str) -> Login | None:
    row = session.get(Credential, camera_id)
    if row is None:
        return None
    return Login(row.username, keyring.unseal(row.password, PURPOSE).decode())
