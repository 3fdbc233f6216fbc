"""The documents say what the code says: settings, routes, commands, words and links."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from control_center.identity import roles
from foundation.clock import ManualClock
from foundation.keyring import Keyring
from foundation.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def settings(model: type[BaseModel], prefix: str = "") -> list[str]:
    found = []
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found += settings(field.annotation, f"{prefix}{name}.")
        else:
            found.append(f"{prefix}{name}")
    return found


def test_every_setting_stands_in_the_reference_and_no_other():
    page = (ROOT / "docs/reference/settings.md").read_text()
    described = re.findall(r"^\| `([a-z_.]+)` \| `(VEDETTE_[A-Z_]+)` \|", page, re.MULTILINE)
    known = settings(Settings)
    assert [key for key, _ in described] == known
    assert [variable for _, variable in described] == [f"VEDETTE_{key.replace('.', '__').upper()}" for key in known]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.fixture(scope="module")
def vedette():
    from control_center.cli import build_app

    return typer.main.get_command(build_app())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist(page, vedette):
    for words in re.findall(r"`vedette ((?:[a-z-]+ ?)+)|^\$ vedette ((?:[a-z-]+ ?)+)", page.read_text(), re.MULTILINE):
        command = vedette
        for word in "".join(words).split():
            if not hasattr(command, "commands"):
                break
            assert word in command.commands, f"{page.name}: vedette {''.join(words)}"
            command = command.commands[word]


RIGHTS = {
    "Enterer": "enter",
    "CameraSeer": "see cameras",
    "Watcher": "watch",
    "Player": "playback",
    "Reader": "read",
    "LookerUp": "look up",
    "Decider": "decide",
    "Locker": "lock evidence",
    "Releaser": "release evidence",
    "Configurer": "configure",
    "PtzController": "steer",
    "Registrar": "register",
    "Lender": "lend",
    "Auditor": "audit",
    "Administrator": "administer",
    "SignedIn": "signed in",
    "SessionHolder": "session",
    "Person": "person",
    "PostingCamera": "camera",
    None: "anybody",
}


def _asked(endpoint: Callable[..., object]) -> str | None:
    found = inspect.get_annotations(endpoint)
    asked = found.get("principal", found.get("_principal", found.get("asking")))
    return asked and asked.removeprefix("Asking")


def test_every_route_stands_in_the_reference_with_its_right(stores, tmp_path):
    from control_center.web_api import create_app

    page = (ROOT / "docs/reference/api.md").read_text()
    described = re.findall(r"^\| `([A-Z]+) ([^`]+)`(?:[^|\n]|(?<=\\)\|)*\| ([a-z ]+) \|", page, re.MULTILINE)
    app = create_app(Settings(data_dir=tmp_path), stores, Keyring.open(tmp_path / "keys"), ManualClock())
    served = [
        (method, route.path, RIGHTS[_asked(route.endpoint)])
        for route in iter_route_contexts(app.routes)
        if route.path not in {"", "/"}
        for method in route.methods or {"WS"}
        if method != "HEAD"
    ]
    assert sorted(described) == sorted(served)


def test_each_right_stands_in_the_reference_with_the_roles_that_carry_it():
    page = (ROOT / "docs/reference/api.md").read_text()
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| ")]
    head = next(at for at, cells in enumerate(lines) if cells[0] == "right")
    columns = [roles.Role(word.replace(" ", "_")) for word in lines[head][1:]]
    told = {
        roles.Right(cells[0].replace(" ", "_")): {role for role, mark in zip(columns, cells[1:], strict=True) if mark}
        for cells in lines[head + 1 : head + 1 + len(roles.Right)]
    }
    assert told == {right: {role for role in roles.Role if right in roles.RIGHTS[role]} for right in roles.Right}


def test_the_glossary_names_classes_where_they_are():
    page = (ROOT / "docs/glossary.md").read_text()
    for word, place in re.findall(r"^\| \*\*([A-Z]\w+)\*\* \|.*\| `([a-z_.]+)` \|$", page, re.MULTILINE):
        assert hasattr(importlib.import_module(place), word), f"{word} is not in {place}"


def test_each_threat_has_a_test_that_exists():
    page = (ROOT / "docs/design/0007-threats.md").read_text()
    rows = re.findall(r"^\| [^|]+ \| [^|]+ \| `([^`|]+)` \|$", page, re.MULTILINE)
    assert len(rows) == page.count("\n| ") - page.count("\n| threat |")
    for place in rows:
        file, _, name = place.partition("::")
        assert f"def {name}(" in (ROOT / "tests" / file).read_text(), place
