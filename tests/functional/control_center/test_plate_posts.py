"""Plates that cameras post."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import select

from analysis.observations import Observation
from control_center.device_events.observing import BURST
from device_registry.access import push_tokens
from device_registry.models import Camera
from foundation.clock import to_iso
from foundation.database import reading, transaction

pytestmark = [pytest.mark.functional, pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)]
PATIENCE_S = 60.0
MARKER = "ZQXMARKER"


@pytest.fixture
def token(web_center) -> str:
    with transaction(web_center.stores.core) as session:
        camera = session.get_one(Camera, web_center.cameras["station-1"])
        return push_tokens.create(session, web_center.clock, web_center.origins["station-1"], camera, "cli:test")


@pytest.fixture
def post(web_center, token) -> Callable[..., httpx.Response]:
    def posted(body: object, *, camera: str = "station-1", shown: str | None = None) -> httpx.Response:
        path = f"{web_center.url}/api/v1/device-events/plates/{web_center.cameras[camera]}"
        headers = {"Authorization": f"Bearer {token if shown is None else shown}"}
        return httpx.post(path, json=body, headers=headers, trust_env=False, timeout=20)

    return posted


def observed(web_center, count: int) -> list[Observation]:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        with reading(web_center.stores.observations) as session:
            rows = list(session.scalars(select(Observation).order_by(Observation.seq)))
        if len(rows) >= count:
            return rows
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.05)


def test_a_posted_plate_becomes_an_observation(web_center, post) -> None:
    at_us = web_center.clock.now_us() - 1_000_000
    body = {"plate": "京A·12345", "at": to_iso(at_us), "region": "CN", "likelihood": 0.9, "vehicle_type": "Car"}
    extra = {"driver": {"gender": MARKER, "face": MARKER}, "image": MARKER * 1000, "vehicle_brand": f"{MARKER}!"}
    assert post(body | extra).status_code == 204
    assert post({"plate": "京A12345"}).status_code == 204  # the same passage
    assert post({"plate": "沪B88888"}).status_code == 204
    first, second = observed(web_center, 2)
    assert (first.kind, first.camera_id, first.start_us) == ("plate_read", web_center.cameras["station-1"], at_us)
    assert first.center_id == web_center.origins["station-1"].center_id
    assert first.detail == {
        "plate": "京A12345",
        "plate_series": "cn_standard",
        "confidence": 0.9,
        "region": "CN",
        "vehicle_type": "car",
        "source": "device",
        "time_from": "device",
    }
    assert (second.detail["plate"], second.detail["time_from"]) == ("沪B88888", "arrival")


def test_a_token_is_for_its_camera_and_for_nothing_else(web_center, token, post) -> None:
    assert post({"plate": "京A12345"}, camera="station-2").status_code == 401
    for shown in ("x", "vdt_guess", token[:-1]):
        assert post({"plate": "京A12345"}, shown=shown).status_code == 401
    headers = {"Authorization": f"Bearer {token}"}
    for path in ("cameras", "alerts", "session"):
        found = httpx.get(f"{web_center.url}/api/v1/{path}", headers=headers, trust_env=False, timeout=20)
        assert found.status_code == 401


@pytest.mark.parametrize(
    "body",
    [{}, {"plate": ""}, {"plate": "ABCDEF"}, {"plate": "1" * 33}, {"plate": 5}, {"plate": "A1", "likelihood": 2}, []],
    ids=["nothing", "empty", "letters", "long", "number", "likelihood", "list"],
)
def test_what_is_no_plate_is_refused(post, body: object) -> None:
    answer = post(body)
    assert answer.status_code == 422
    assert MARKER not in answer.text


def test_a_body_with_pictures_is_too_large(post) -> None:
    assert post({"plate": "京A12345", "image": "x" * 70_000}).status_code == 413


def test_a_camera_that_posts_without_end_is_held_back(post) -> None:
    answers = [post({"plate": "京A12345"}).status_code for _ in range(BURST + 2)]
    assert answers == [204] * BURST + [429] * 2
