from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings
from sqlalchemy import URL, Engine, make_url

from foundation.database import CoreBase, ObservationsBase, Stores, open_engine, open_stores
from foundation.files import ensure_folder
from foundation.migrations import import_models, migrate
from foundation.settings import Settings

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


def _make_tables(stores: Stores) -> None:
    import_models()
    CoreBase.metadata.create_all(stores.core, checkfirst=False)
    ObservationsBase.metadata.create_all(stores.observations, checkfirst=False)


@contextmanager
def _database(server: str, template: str | None = None) -> Iterator[URL]:
    """A database of the server, dropped afterwards; a copy of the template if one is named."""
    name = f"vedette_test_{uuid4().hex}"
    _administer(server, f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    yield make_url(server).set(database=name)
    _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """SQLAlchemy URL of an empty database, dropped after the test."""
    with _database(postgresql_server) as url:
        yield url.render_as_string(hide_password=False)


def _sqlite_urls(folder: Path) -> tuple[str, str]:
    return f"sqlite:///{folder / 'core.sqlite3'}", f"sqlite:///{folder / 'observations.sqlite3'}"


def _opened(core_url: str, observations_url: str) -> Stores:
    return Stores(core=open_engine(core_url), observations=open_engine(observations_url, synchronous="NORMAL"))


# Making every table takes longer than most tests: they get copies of what was made once.
_MAKERS: dict[str, Callable[[Stores], None]] = {"stores": _make_tables, "migrated_stores": migrate}


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders with both stores, by the fixture whose copies they are."""
    folders = {}
    for name, make in _MAKERS.items():
        folders[name] = tmp_path_factory.mktemp(name)
        stores = _opened(*_sqlite_urls(folders[name]))
        make(stores)
        stores.dispose()
    return folders


@pytest.fixture(scope="session")
def open_center(sqlite_templates: dict[str, Path]) -> Callable[[Path], Stores]:
    """Opens the embedded stores of a data folder, with the schema that `migrate` makes."""

    def opened(data_dir: Path) -> Stores:
        shutil.copytree(sqlite_templates["migrated_stores"], ensure_folder(data_dir), dirs_exist_ok=True)
        return open_stores(Settings(data_dir=data_dir))

    return opened


@pytest.fixture(scope="session")
def postgresql_templates(postgresql_server: str) -> Iterator[dict[str, str]]:
    """Names of databases that hold both stores, by the fixture whose copies they are."""
    with ExitStack() as databases:
        names = {}
        for name, make in _MAKERS.items():
            url = databases.enter_context(_database(postgresql_server))
            stores = _opened(*[url.render_as_string(hide_password=False)] * 2)
            make(stores)
            stores.dispose()
            names[name] = str(url.database)
        yield names


BACKENDS = [
    "sqlite",
    pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.functional]),
]


@pytest.fixture(params=BACKENDS)
def empty_stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    """Both stores, on each backend; without tables unless the test asks for `stores` or `migrated_stores`."""
    filled = next((name for name in _MAKERS if name in request.fixturenames), None)
    with ExitStack() as databases:
        if request.param == "postgresql":
            template = request.getfixturevalue("postgresql_templates")[filled] if filled else None
            url = databases.enter_context(_database(request.getfixturevalue("postgresql_server"), template))
            urls = (url.render_as_string(hide_password=False),) * 2
        else:
            if filled:
                shutil.copytree(request.getfixturevalue("sqlite_templates")[filled], tmp_path, dirs_exist_ok=True)
            urls = _sqlite_urls(tmp_path)
        stores = _opened(*urls)
        yield stores
        stores.dispose()


@pytest.fixture
def stores(empty_stores: Stores) -> Stores:
    """Both stores with the tables of every room, on each backend."""
    return empty_stores


@pytest.fixture
def migrated_stores(empty_stores: Stores) -> Stores:
    """Both stores as `migrate` makes them, on each backend."""
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
