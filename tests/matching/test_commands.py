from __future__ import annotations

import csv
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
import typer
from click.testing import Result
from sqlalchemy import select, update
from typer.testing import CliRunner

from foundation.audit import AuditEntry
from foundation.clock import SYSTEM_CLOCK, US_PER_S
from foundation.database import open_stores, reading, transaction
from foundation.errors import InvalidInput, NotFound
from foundation.identifiers import Origin
from foundation.settings import load_settings
from matching.commands import register
from matching.models import Hit, KeyPerson
from matching.validity import days_after, local_day

Vedette = Callable[..., Result]
TODAY = local_day(SYSTEM_CLOCK.now_us(), 480)
LISTING = {
    "ground": "arrest_warrant",
    "issuer": "示范市公安局",
    "instrument": "[2026]1",
    "issued_on": days_after(TODAY, -10),
    "action": "verify",
    "review_on": days_after(TODAY, 100),
    "expires_on": days_after(TODAY, 200),
}
LI = {"record_id": "W-1", "name": "李晓明", "date_of_birth": "1984-03-05", "sex": "M", "phone": "13900001234"}


@pytest.fixture
def _own_logging() -> Iterator[None]:
    """The commands set up logging for their process, which here is the tests'."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def vedette(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _own_logging: None) -> Vedette:
    monkeypatch.setenv("VEDETTE_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")
    app = typer.Typer()
    register(app, lambda _session, settings, _clock: Origin("center-a", settings.center.node))
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def write(path: Path, *rows: dict[str, Any]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_from_import_to_explanation(vedette: Vedette, tmp_path: Path) -> None:
    persons = write(tmp_path / "wanted.csv", {**LI, **LISTING})
    references = write(tmp_path / "references.csv", {**LI, "record_id": "R-1", "name": "LI XIAOMING"})
    assert "1 added" in vedette("lists", "import", "wanted", persons, "--importer", "zhang").stdout
    assert "1 added" in vedette("references", "import", "wanted_persons", references).stdout
    assert "arrest_warrant (1827 days)" in vedette("lists", "ls").stdout
    run = vedette("match", "run")
    assert run.exit_code == 0
    assert "wanted_persons" in run.stdout
    assert "1 / 1 (0)" in vedette("match", "board").stdout
    stores = open_stores(load_settings())
    with reading(stores.core) as session:
        hit = session.scalars(select(Hit)).one()
        assert session.scalars(select(KeyPerson.imported_by)).one() == "zhang"
    stores.dispose()
    assert hit.created_us > 1_700_000_000 * US_PER_S
    assert hit.id in vedette("match", "hits").stdout
    told = vedette("match", "explain", hit.id, "--picture", tmp_path / "hit.svg").stdout
    assert (tmp_path / "hit.svg").read_text().startswith("<svg ")
    for part in ("romanised", "李晓明", "[2026]1", "A hit is a lead"):
        assert part in told


def test_a_refused_import_says_why_and_fails(vedette: Vedette, tmp_path: Path) -> None:
    persons = write(tmp_path / "wanted.csv", {**LI, **LISTING, "ground": "petitioning"}, {**LI, **LISTING})
    refused = vedette("lists", "import", "wanted", persons)
    assert "list_imported" not in refused.output
    assert refused.exit_code == 1
    assert "is no ground of the list wanted" in refused.stdout
    assert "Nothing was imported" in refused.stdout
    taken = vedette("lists", "import", "wanted", persons, "--partial")
    assert taken.exit_code == 0
    assert "1 added" in taken.stdout


def test_wrong_names_are_refused(vedette: Vedette, tmp_path: Path) -> None:
    assert vedette("lists", "import", "petitioners", tmp_path / "x.csv").exit_code == 2
    assert isinstance(vedette("match", "explain", "no-such-hit").exception, NotFound)


def test_a_plate_is_looked_up_among_those_of_this_center(vedette: Vedette, tmp_path: Path) -> None:
    stolen = {"record_id": "V-1", "plate": "京A12345", "plate_colour": "蓝", "make": "Aurelia [GT]"}
    vedette("references", "import", "stolen_vehicles", write(tmp_path / "1.csv", stolen))
    vedette("lists", "import", "wanted", write(tmp_path / "2.csv", {**LI, **LISTING, "plate": "京A1234S"}))
    told = vedette("match", "plate", "京A·12345", "--colour", "white").stdout
    for part in ("stolen_vehicles V-1", "wanted W-1", "Aurelia [GT]", "Not as on record: ground colour."):
        assert part in told
    found = json.loads(vedette("match", "plate", "京A·12345", "--make", "aurelia", "--json").stdout)
    assert [(it["record_id"], it["plate"], it["hit"]) for it in found] == [
        ("V-1", "京A12345", True),
        ("W-1", "京A1234S", False),
    ]
    stores = open_stores(load_settings())
    with reading(stores.core) as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "cli:plate:search")).all()
        assert [(entry.subject, entry.detail) for entry in entries] == [
            ("京A12345", {"candidates": 2, "hits": 1}),
            ("京A12345", {"candidates": 2, "hits": 1}),
        ]
    with transaction(stores.core) as session:
        session.execute(update(KeyPerson).values(center_id="center-b"))
    stores.dispose()
    (found,) = json.loads(vedette("match", "plate", "京A12345", "--json").stdout)
    assert found["database"] == "stolen_vehicles"
    assert "No plate on record" in vedette("match", "plate", "沪B99999").stdout


@pytest.mark.parametrize("words", [["京"], ["京A12345", "--colour", "pink"]])
def test_what_is_no_plate_or_no_ground_is_not_looked_up(vedette: Vedette, words: list[str]) -> None:
    assert isinstance(vedette("match", "plate", *words).exception, InvalidInput)


def test_the_audit_names_who_ran_the_import_beside_who_answers_for_it(vedette: Vedette, tmp_path: Path) -> None:
    persons = write(tmp_path / "persons.csv", {**LI, **LISTING})
    vedette("lists", "import", "wanted", persons, "--importer", "zhang")
    stores = open_stores(load_settings())
    with reading(stores.core) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "cli:list:import")).one()
        assert entry.actor.startswith("cli:")
        assert entry.detail["importer"] == "zhang"
    stores.dispose()


def test_a_file_too_large_to_hold_is_refused(vedette: Vedette, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.csv_files.MAX_BYTES", 10)
    refused = vedette("lists", "import", "wanted", write(tmp_path / "persons.csv", {**LI, **LISTING}))
    assert isinstance(refused.exception, InvalidInput)
