"""The console's files, and its page for every path that is no file."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from control_center.web_api import console, problems

pytestmark = pytest.mark.functional


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>the console")
    (folder / "assets" / "index-abc123.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


def _client(monkeypatch: pytest.MonkeyPatch, folder: Path | None) -> httpx.AsyncClient:
    monkeypatch.setattr(console, "dist", lambda: folder)
    app = FastAPI()
    problems.install(app)
    console.mount(app)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://console")


@pytest.mark.parametrize("path", ["/", "/index.html", "/alerts", "/alerts/0199", "/board"])
async def test_every_address_shows_the_page_anew(monkeypatch: pytest.MonkeyPatch, built: Path, path: str) -> None:
    async with _client(monkeypatch, built) as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    assert "the console" in answer.text


async def test_assets_are_kept_for_good(monkeypatch: pytest.MonkeyPatch, built: Path) -> None:
    async with _client(monkeypatch, built) as client:
        answer = await client.get("/assets/index-abc123.js")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("path", ["/assets/absent.js", "/favicon.ico", "/api/v1/absent", "/%2e%2e/secret.txt"])
async def test_what_is_absent_is_no_page(monkeypatch: pytest.MonkeyPatch, built: Path, path: str) -> None:
    async with _client(monkeypatch, built) as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "secret" not in answer.text


async def test_a_console_not_built_says_how_to_build_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with _client(monkeypatch, None) as client:
        answer = await client.get("/")
    assert answer.status_code == 503
    assert "make console" in answer.text
    assert "控制台" in answer.text
