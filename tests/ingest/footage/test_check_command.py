"""`vedette footage check` as it is typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from foundation.errors import InvalidInput
from ingest import commands
from ingest.footage import FootageIndex

GATE = ("0199a000-0000-7000-8000-000000000001", "main")


@pytest.fixture
def made(script: Callable[..., Any], tmp_path: Path) -> Any:
    made = script()
    made.open(GATE)
    made.record(9)
    made.close()
    (tmp_path / "vedette.toml").write_text(
        f'data_dir = "{made.run_dir.parent}"\n[recorder]\ndisks = ["{made.folder}", "{tmp_path / "empty"}"]\n'
    )
    return made


def _check(tmp_path: Path, *arguments: str) -> Result:
    app = typer.Typer()
    commands.register(app)
    return CliRunner().invoke(
        app, ["footage", "check", "--config", str(tmp_path / "vedette.toml"), *arguments], catch_exceptions=True
    )


def test_nothing_to_find(made: Any, tmp_path: Path) -> None:
    done = _check(tmp_path, "--deep")
    assert done.exit_code == 0, done.output
    assert f"{made.folder}: 3 files and rows compared" in done.stdout
    assert "nothing unexplained" in done.stdout


def test_a_finding_is_told_mended_and_gone(made: Any, tmp_path: Path) -> None:
    gone = FootageIndex(made.folder).segments(*GATE, 0, 1 << 62)[1]
    (made.folder / gone.path).unlink()
    told = _check(tmp_path)
    assert told.exit_code == 1
    assert "ghost" in told.stdout
    assert gone.path in told.stdout.replace("\n", "")
    assert "1 findings unexplained" in told.stdout
    mended = _check(tmp_path, "--repair", "--disk", str(made.folder))
    assert mended.exit_code == 0, mended.output
    assert "row was removed" in " ".join(mended.stdout.split())
    assert _check(tmp_path).exit_code == 0


def test_json_for_programs(made: Any, tmp_path: Path) -> None:
    (made.folder / "notes.txt").write_text("whatever")
    done = _check(tmp_path, "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["good"] is False
    first, second = told["disks"]
    assert (first["segments"], first["unexplained"], first["owned"]) == (3, 1, False)
    assert first["findings"][0]["kind"] == "stray"
    assert second["findings"] == []


def test_a_disk_that_is_in_use_is_not_mended(made: Any, tmp_path: Path) -> None:
    made.open(GATE)
    assert _check(tmp_path, "--disk", str(made.folder)).exit_code == 0
    refused = _check(tmp_path, "--repair", "--disk", str(made.folder))
    assert refused.exit_code == 1
    assert "another recorder writes this disk" in refused.stdout.replace("\n", " ")
    made.release()


def test_a_disk_that_is_none(made: Any, tmp_path: Path) -> None:
    done = _check(tmp_path, "--disk", str(tmp_path))
    assert isinstance(done.exception, InvalidInput)
