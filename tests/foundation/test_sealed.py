from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from device_registry.models import Camera, Center, Credential
from foundation.clock import ManualClock
from foundation.database import Stores, reading, transaction
from foundation.keyring import Keyring
from foundation.migrations import CORE, OBSERVATIONS, import_models
from foundation.sealed import reseal, sealed_columns, usage

CAMERAS = 450  # three batches


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.open(tmp_path / "keys", ManualClock())


@pytest.fixture
def sealed(stores: Stores, keyring: Keyring) -> Stores:
    common = {"center_id": "c", "node": "n", "name": "c", "disabled": False, "created_us": 1, "updated_us": 1}
    cameras = [{"id": str(n), "code": str(n), **common} for n in range(CAMERAS)]
    login = {"username": "u", "key_id": keyring.current_id, "sealed_us": 1}
    credentials = [
        {"camera_id": str(n), "password": keyring.seal(f"secret {n}".encode(), "credential"), **login}
        for n in range(CAMERAS)
    ]
    with transaction(stores.core) as session:
        center = {"id": "c", "node": "n", "code": "110000", "name": "c", "level": "city", "created_us": 1}
        session.execute(insert(Center).values(center))
        session.execute(insert(Camera), cameras)
        session.execute(insert(Credential), credentials)
    return stores


def test_what_says_that_it_is_sealed_is_known_to_rotation() -> None:
    """By its comment a column tells people, by its info the rotation of keys."""
    import_models()
    told = {}
    for store in (CORE, OBSERVATIONS):
        for table in store.metadata.tables.values():
            for column in table.columns:
                if found := re.search(r"sealed by foundation\.keyring for purpose (\w+)", column.comment or ""):
                    told[f"{table.name}.{column.name}"] = found[1]
    assert told == {column.name: column.purpose for column in sealed_columns()}
    assert "credential.password" in told


def test_everything_is_sealed_anew_and_opens_as_before(sealed: Stores, keyring: Keyring) -> None:
    old, new = keyring.current_id, keyring.rotate(ManualClock())
    clock = ManualClock(77)
    done = reseal(sealed.core, keyring, clock)
    assert (done.done, done.unreadable) == ({"credential.password": CAMERAS}, {})
    keyring.retire(old)
    with reading(sealed.core) as session:
        rows = session.scalars(select(Credential)).all()
        assert {(row.key_id, row.sealed_us) for row in rows} == {(new, 77)}
        for row in rows:
            assert keyring.unseal(row.password, "credential") == f"secret {row.camera_id}".encode()
        assert usage(session.connection()) == {new: {"credential.password": CAMERAS}}
    assert reseal(sealed.core, keyring, clock).done == {}


def test_what_cannot_be_opened_is_left_as_it_is(sealed: Stores, keyring: Keyring) -> None:
    with transaction(sealed.core) as session:
        session.execute(update(Credential).where(Credential.camera_id == "7").values(password="no key at all"))
    keyring.rotate()
    done = reseal(sealed.core, keyring)
    assert (done.done["credential.password"], done.unreadable) == (CAMERAS - 1, {"credential.password": 1})
    with reading(sealed.core) as session:
        assert session.get_one(Credential, "7").password == "no key at all"
