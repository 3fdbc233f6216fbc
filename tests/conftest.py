from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings
from sqlalchemy import Engine, inspect, make_url

from foundation.database import CoreBase, ObservationsBase, Stores, open_engine
from foundation.migrations import import_models

DATA = Path(os.environ.get("VEDETTE_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
FULL = os.environ.get("VEDETTE_TEST_FULL") == "1"
_OURS = {"VEDETTE_TEST_DATA", "VEDETTE_TEST_FULL", "VEDETTE_REQUIRE_DATA", "VEDETTE_TEST_POSTGRESQL_URL"}

# One knob for every property test: the same few examples each time in `make test`, many new ones in `make test-full`.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
settings.register_profile("short", _PATIENT, max_examples=100, derandomize=True, database=None)
settings.register_profile("full", _PATIENT, max_examples=1_000, print_blob=True)
settings.load_profile("full" if FULL else "short")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each example on a store costs synced transactions, so new ones replace more ones there."""
    on_stores = {item.obj for item in items if "empty_stores" in getattr(item, "fixturenames", ())}
    for function in on_stores if FULL else ():
        if is_hypothesis_test(function):
            # Not by the decorator: it refuses a test that has settings of its own, which are those of the short tier.
            function._hypothesis_internal_use_settings = settings(_PATIENT, max_examples=100)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real footage, plates, records and transcripts."""
    if DATA.is_dir():
        return DATA
    reason = f"test data is absent: {DATA} (set VEDETTE_TEST_DATA)"
    if os.environ.get("VEDETTE_REQUIRE_DATA") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own settings never reach a test."""
    for name in list(os.environ):
        if name.startswith("VEDETTE_") and name not in _OURS:
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """SQLAlchemy URL of a server where tests may create databases."""
    if url := os.environ.get("VEDETTE_TEST_POSTGRESQL_URL"):
        yield url.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    helper = _load("postgresql")
    try:
        with helper.private_cluster() as url:
            yield url
    except helper.NoPostgresql as error:
        if os.environ.get("VEDETTE_REQUIRE_DATA") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """SQLAlchemy URL of an empty database, dropped after the test."""
    name = f"vedette_test_{uuid4().hex}"
    _administer(postgresql_server, f'CREATE DATABASE "{name}"')
    yield make_url(postgresql_server).set(database=name).render_as_string(hide_password=False)
    _administer(postgresql_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> Iterator[str]:
    """Name of a database with the tables of every room: a copy of it is cheaper than making them anew."""
    name = f"vedette_template_{uuid4().hex}"
    _administer(postgresql_server, f'CREATE DATABASE "{name}"')
    url = make_url(postgresql_server).set(database=name).render_as_string(hide_password=False)
    stores = Stores(core=open_engine(url), observations=open_engine(url))
    _make_tables(stores)
    stores.dispose()
    yield name
    _administer(postgresql_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def filled_postgresql_url(postgresql_server: str, postgresql_template: str) -> Iterator[str]:
    """SQLAlchemy URL of a database with the tables of every room, dropped after the test."""
    name = f"vedette_test_{uuid4().hex}"
    _administer(postgresql_server, f'CREATE DATABASE "{name}" TEMPLATE "{postgresql_template}"')
    yield make_url(postgresql_server).set(database=name).render_as_string(hide_password=False)
    _administer(postgresql_server, f'DROP DATABASE "{name}" WITH (FORCE)')


BACKENDS = [
    "sqlite",
    pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.functional]),
]


@pytest.fixture(params=BACKENDS)
def empty_stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    """Both stores, on each backend; without tables unless the test asks for `stores`."""
    if request.param == "postgresql":
        url = request.getfixturevalue("filled_postgresql_url" if "stores" in request.fixturenames else "postgresql_url")
        urls = (url, url)
    else:
        urls = (f"sqlite:///{tmp_path / 'core.sqlite3'}", f"sqlite:///{tmp_path / 'observations.sqlite3'}")
    stores = Stores(core=open_engine(urls[0]), observations=open_engine(urls[1], synchronous="NORMAL"))
    yield stores
    stores.dispose()


@pytest.fixture
def stores(empty_stores: Stores) -> Stores:
    """Both stores with the tables of every room, on each backend."""
    if not inspect(empty_stores.core).has_table("audit_head"):
        _make_tables(empty_stores)
    return empty_stores


@pytest.fixture
def core(stores: Stores) -> Engine:
    return stores.core


@pytest.fixture(scope="session")
def demo_room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for demos of one session: the scenes are rendered once and shared."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="session")
def demo() -> ModuleType:
    """The helper that runs `vedette demo` as a process."""
    return _load("demo_center")


@pytest.fixture(scope="session")
def of_people() -> ModuleType:
    """What devices may tell of people, and the marker that stands in all of it."""
    return _load("notifications_of_people")


def _make_tables(stores: Stores) -> None:
    import_models()
    CoreBase.metadata.create_all(stores.core, checkfirst=False)
    ObservationsBase.metadata.create_all(stores.observations, checkfirst=False)


def _administer(server: str, statement: str) -> None:
    url = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def _load(name: str) -> ModuleType:
    """A helper beside this file; tests are not a package."""
    spec = importlib.util.spec_from_file_location(f"tests_{name}", Path(__file__).parent / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
