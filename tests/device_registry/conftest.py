from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from device_registry import centers
from foundation.clock import ManualClock
from foundation.database import transaction
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.settings import Settings


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def session(core: Engine) -> Iterator[Session]:
    with transaction(core) as session:
        yield session


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.open(tmp_path / "keys")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


@pytest.fixture
def origin(session: Session, settings: Settings, clock: ManualClock) -> Origin:
    return centers.ensure_local(session, settings, clock)
