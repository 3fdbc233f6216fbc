from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from foundation.logging import configure, mask_text
from foundation.settings import LogSettings

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Lines]:
    file = tmp_path / "logs" / "api.log"
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    root.handlers = []
    configure(LogSettings(), file)
    yield lambda: [json.loads(line) for line in file.read_text().splitlines()]
    for handler in root.handlers:
        handler.close()
    root.handlers = kept
    root.setLevel(level)
    structlog.reset_defaults()


def test_an_event_is_one_json_line_in_utc(lines: Lines) -> None:
    structlog.get_logger("ingest").info("camera_connected", camera_id="gate", attempts=3)
    [line] = lines()
    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "camera_connected",
        "camera_id": "gate",
        "attempts": 3,
        "level": "info",
        "logger": "ingest",
    }


def test_libraries_logs_go_the_same_way(lines: Lines) -> None:
    logging.getLogger("uvicorn.error").warning("bad request from %s", "rtsp://u:p@host/x")
    [line] = lines()
    assert (line["event"], line["level"]) == ("bad request from rtsp://***@host/x", "warning")


def test_less_than_the_level_is_not_written(lines: Lines) -> None:
    structlog.get_logger().debug("frame_decoded")
    assert lines() == []


def test_secrets_are_masked_wherever_they_stand(lines: Lines) -> None:
    structlog.get_logger().info(
        "signed_in",
        password="hunter2",
        session_token="hunter2",
        mediaTicket="hunter2",
        headers={"Authorization": "hunter2", "Accept": "*/*"},
        urls=["rtsp://user:hunter2@10.0.0.1/main"],
        password_set=None,
    )
    text = json.dumps(lines())
    assert "hunter2" not in text
    assert text.count("***") == 5


def test_secrets_in_a_traceback_are_masked(lines: Lines) -> None:
    try:
        raise ConnectionError("cannot open rtsp://admin:hunter2@10.0.0.1/main")
    except ConnectionError:
        structlog.get_logger().exception("connect_failed")
    [line] = lines()
    assert "hunter2" not in json.dumps(line)
    assert "10.0.0.1/main" in line["exception"]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("rtsp://user:pa@ss@host:554/main", "rtsp://***@host:554/main"),
        ("rtsp://host/user=admin_password=abc_channel=1", "rtsp://host/user=admin_password=***_channel=1"),
        ("https://host/clip?ticket=abc&start_us=1", "https://host/clip?ticket=***&start_us=1"),
        ("postgresql+psycopg://u:p@db/vedette", "postgresql+psycopg://***@db/vedette"),
        ("mail to ops@example.org about http://host/path", "mail to ops@example.org about http://host/path"),
    ],
)
def test_secrets_within_a_text(text: str, masked: str) -> None:
    assert mask_text(text) == masked
