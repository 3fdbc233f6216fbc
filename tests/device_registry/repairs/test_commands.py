"""`vedette cameras repairs`, from the fault to the signature."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from device_registry.commands import register
from foundation.errors import VedetteError


@pytest.fixture
def vedette(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_center):
    open_center(tmp_path / "data").dispose()
    monkeypatch.setenv("VEDETTE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    app = typer.Typer()
    register(app)

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["cameras", *words])

    run("add", "C1", "--name", "Gate", "--url", "rtsp://10.0.0.7/main")
    return run


def test_a_repair_is_opened_done_and_shown(vedette, tmp_path: Path, shared_data: Path) -> None:
    ticket = vedette("repairs", "open", "C1", "--fault", "镜头模糊", "--assign", "North Electric").stdout.strip()
    assert ticket in vedette("repairs", "ls", "--camera", "C1").stdout
    photo = next(file for file in (shared_data / "lpr_images").rglob("*.jpg") if file.stat().st_size < 1 << 20)
    assert vedette("repairs", "photo", ticket, str(photo)).exit_code == 0
    early = vedette("repairs", "finish", ticket, "--work", "cleaned", "--accepted-by", "Anna Li")
    assert isinstance(early.exception, VedetteError)
    assert "signature" in str(early.exception)
    assert vedette("repairs", "photo", ticket, str(photo), "--signature").exit_code == 0
    assert vedette("repairs", "note", ticket, "new seal").exit_code == 0
    assert vedette("repairs", "finish", ticket, "--work", "cleaned", "--accepted-by", "Anna Li").exit_code == 0
    told = json.loads(vedette("repairs", "show", ticket).stdout)
    assert (told["state"], told["fault"], len(told["pictures"])) == ("done", "镜头模糊", 2)
    assert ticket in vedette("repairs", "ls", "--closed").stdout
    assert "0 running" in vedette("repairs", "ls").stdout
    assert vedette("repairs", "reopen", ticket, "--why", "still dim").exit_code == 0
    assert vedette("repairs", "cancel", ticket, "--why", "camera given up").exit_code == 0


def test_what_is_not_there_is_told(vedette, tmp_path: Path) -> None:
    assert "no such camera" in str(vedette("repairs", "open", "C9", "--fault", "x").exception)
    assert "no such repair ticket" in str(vedette("repairs", "note", "x", "y").exception)
    assert "cannot be read" in str(vedette("repairs", "photo", "x", str(tmp_path / "none.jpg")).exception)
