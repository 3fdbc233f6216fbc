"""Cameras as tables over the API: files, lists and exports."""

from __future__ import annotations

import csv
import io
import socket
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from control_center.identity.roles import Role
from control_center.web_api import camera_files
from device_registry import credentials
from device_registry.login import Login
from device_registry.models import Camera
from device_registry.tables.importing import COLUMNS
from foundation.audit import AuditEntry
from foundation.database import reading, transaction

pytestmark = [pytest.mark.functional, pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)]
IMPORT, BATCH, EXPORT = "/api/v1/cameras/import", "/api/v1/cameras/batch", "/api/v1/cameras/export"
CSV = {"Content-Type": "text/csv"}
GOOD = "code,name,main_url,username,password\nC1,Gate,rtsp://10.0.0.1/main,viewer,hunter2\n"
NOTHING_DONE = {"created": 0, "changed": 0, "unchanged": 0, "refused": 0, "written": True, "problems": [], "notes": []}


@pytest.fixture
def technician(web_center) -> Iterator[httpx.Client]:
    with web_center.signed_in("tan", "county", Role.TECHNICIAN) as client:
        client.timeout = 60
        yield client


def imported(client: httpx.Client, content: str | bytes, **query: bool) -> dict[str, object]:
    answer = client.post(IMPORT, content=content, headers=CSV, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def codes(web_center, center: str) -> list[str]:
    with reading(web_center.stores.core) as session:
        query = select(Camera.code).where(Camera.center_id == web_center.origins[center].center_id)
        return sorted(session.scalars(query))


def test_a_file_is_imported_and_the_same_once_more_changes_nothing(web_center, technician: httpx.Client) -> None:
    assert imported(technician, GOOD, dry_run=True) == NOTHING_DONE | {"created": 1, "written": False}
    assert codes(web_center, "county") == []
    assert imported(technician, GOOD) == NOTHING_DONE | {"created": 1}
    assert imported(technician, GOOD.encode("utf-8-sig")) == NOTHING_DONE | {"unchanged": 1}
    assert imported(technician, "code,name\nC1,North gate\n") == NOTHING_DONE | {"changed": 1}
    with reading(web_center.stores.core) as session:
        camera = session.scalars(select(Camera).where(Camera.code == "C1")).one()
        assert credentials.find(session, web_center.keyring, camera.id) == Login("viewer", "hunter2")
        query = select(AuditEntry.action, AuditEntry.actor).where(AuditEntry.subject == camera.id)
        assert {tuple(row) for row in session.execute(query)} == {
            ("api:camera:add", "tan"),
            ("api:camera:change", "tan"),
        }


def test_a_row_that_is_refused_keeps_all_out_unless_part_will_do(web_center, technician: httpx.Client) -> None:
    content = GOOD + "C2,,http://10.0.0.2/,,\nC3,Yard,rtsp://10.0.0.3/,,\n"
    refused = imported(technician, content)
    assert (refused["created"], refused["refused"], refused["written"]) == (2, 1, False)
    [problem] = refused["problems"]
    assert (problem["row"], problem["column"]) == (3, "main_url")
    assert problem["what"]
    assert problem["mend"]
    assert codes(web_center, "county") == []
    assert imported(technician, content, partial=True)["written"] is True
    assert codes(web_center, "county") == ["C1", "C3"]


def test_an_export_imported_again_changes_nothing(web_center, technician: httpx.Client) -> None:
    with web_center.signed_in("su", "county", Role.SUPERVISOR) as supervisor:
        camera = {"name": "=Gate, north", "latitude": 39.9, "longitude": 116.4, "azimuth_deg": 45, "retention_days": 7}
        batch = {"cameras": [{"code": "C1", "main_url": "rtsp://u:hunter2@10.0.0.1/", **camera}]}
        assert supervisor.post(BATCH, json=batch).json()["created"] == 1
    table = technician.get(EXPORT)
    assert table.headers["content-type"].startswith("text/csv")
    assert "attachment" in table.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [(row["code"], row["center"], row["name"]) for row in rows] == [
        ("C1", "110100000000", "'=Gate, north"),
        ("gate-station-1", "110101010000", "Gate of station-1"),
    ]
    assert "hunter2" not in table.text
    assert imported(technician, table.content) == NOTHING_DONE | {"unchanged": 2}
    with reading(web_center.stores.core) as session:
        assert session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "api:camera:export")).all() == [
            "tan"
        ]


def test_a_workbook_is_a_table_too(technician: httpx.Client) -> None:
    imported(technician, GOOD)
    table = technician.get(EXPORT, params={"format": "xlsx"})
    kind = {"Content-Type": table.headers["content-type"]}
    assert technician.post(IMPORT, content=table.content, headers=kind).json() == NOTHING_DONE | {"unchanged": 2}
    template = technician.get("/api/v1/cameras/template", params={"format": "xlsx"})
    assert technician.post(IMPORT, content=template.content, headers=kind).json() == NOTHING_DONE
    assert technician.get(EXPORT, params={"format": "pdf"}).status_code == 422


def test_the_template_has_every_column(technician: httpx.Client) -> None:
    template = technician.get("/api/v1/cameras/template")
    assert template.content.decode("utf-8-sig").strip().split(",") == list(COLUMNS)


def test_no_row_reaches_another_center(web_center, technician: httpx.Client) -> None:
    header = "code,name,center,main_url\n"
    for center in ("110102010000", "110000000000", "990000"):
        refused = imported(technician, f"{header}C1,Gate,{center},rtsp://10.0.0.1/\n")
        assert [problem["column"] for problem in refused["problems"]] == ["center"]
    # The same code there is another camera here.
    assert imported(technician, "code,name,main_url\ngate-station-2,Mine,rtsp://10.0.0.1/\n")["created"] == 1
    with reading(web_center.stores.core) as session:
        assert session.get_one(Camera, web_center.cameras["station-2"]).name == "Gate of station-2"
    assert "Gate of station-2" not in technician.get(EXPORT).text


def test_a_loan_reaches_as_far_as_it_was_given(web_center) -> None:
    """Whose own center is elsewhere names the center; without it nothing is registered by mistake."""
    with web_center.signed_in("wang", "station-2", Role.TECHNICIAN) as client:
        with web_center.signed_in("boss", "station-1", Role.SUPERVISOR) as boss:
            loan = {
                "username": "wang",
                "role": "technician",
                "center_id": web_center.origins["station-1"].center_id,
                "until_us": web_center.clock.now_us() + 10**10,
                "reason": "help",
            }
            assert boss.post("/api/v1/loans", json=loan).status_code == 201
        header = "code,name,center,main_url\n"
        assert imported(client, f"{header}L1,Gate,110101010000,rtsp://10.0.0.1/\n")["created"] == 1
        assert imported(client, f"{header}L2,Gate,,rtsp://10.0.0.1/\n")["created"] == 1
    assert codes(web_center, "station-1") == ["L1", "gate-station-1"]
    assert codes(web_center, "station-2") == ["L2", "gate-station-2"]


def test_how_a_camera_is_recorded_is_for_who_may_configure(web_center, technician: httpx.Client) -> None:
    content = "code,name,main_url,audio_purpose,transport\nC1,Gate,rtsp://10.0.0.1/,desk,udp\n"
    refused = imported(technician, content)
    assert {problem["column"] for problem in refused["problems"]} == {"transport", "audio_purpose"}
    with web_center.signed_in("su", "county", Role.SUPERVISOR) as supervisor:
        assert imported(supervisor, content)["created"] == 1
    assert imported(technician, content) == NOTHING_DONE | {"unchanged": 1}


def test_a_batch_is_a_file_without_its_pitfalls(web_center, technician: httpx.Client) -> None:
    """Values as they are: an equals sign is no formula, null clears, false is no."""
    full = {
        "code": "C1",
        "name": "-",
        "main_url": "rtsp://10.0.0.1/",
        "maker": "=1+1",
        "tilt_deg": -5,
        "disabled": True,
    }
    login = {"username": "viewer", "password": "'-=hunter2 "}
    assert technician.post(BATCH, json={"cameras": [full | login]}).json() == NOTHING_DONE | {"created": 1}
    [listed] = [one for one in technician.get("/api/v1/cameras").json()["items"] if one["code"] == "C1"]
    camera = technician.get(f"/api/v1/cameras/{listed['id']}").json()
    assert full.items() <= camera.items()
    with reading(web_center.stores.core) as session:
        assert credentials.find(session, web_center.keyring, camera["id"]) == Login(**login)
    change = [{"code": "C1", "maker": None, "disabled": False, "center": None}, {"code": "C2"}, {"code": "C1"}]
    answer = technician.post(BATCH, json={"cameras": change}).json()
    assert (answer["changed"], answer["refused"], answer["written"]) == (1, 2, False)
    assert {(problem["row"], problem["column"]) for problem in answer["problems"]} == {
        (2, "name"),
        (2, "main_url"),
        (3, "code"),
    }
    assert technician.post(BATCH, json={"cameras": change, "partial": True}).json()["written"] is True
    again = technician.get(f"/api/v1/cameras/{listed['id']}").json()
    assert (again["maker"], again["disabled"]) == (None, False)
    assert "hunter2" not in answer["problems"]


@pytest.mark.parametrize("count", [0, 501])
def test_a_batch_has_its_bounds(technician: httpx.Client, count: int) -> None:
    cameras = [{"code": f"C{number}"} for number in range(count)]
    assert technician.post(BATCH, json={"cameras": cameras}).status_code == 422


def test_a_batch_may_be_larger_than_other_bodies(technician: httpx.Client) -> None:
    cameras = [{"code": f"C{n}", "name": "x" * 200, "main_url": "rtsp://10.0.0.1/"} for n in range(400)]
    assert technician.post(BATCH, json={"cameras": cameras, "dry_run": True}).json()["created"] == 400


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"a,b\n1,2\n", b'code,name\n"C1,Gate\n', b"name\nGate\n"], ids=range(4)
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(technician: httpx.Client, content: bytes) -> None:
    refused = technician.post(IMPORT, content=content, headers=CSV)
    assert refused.status_code == 422
    assert refused.json()["detail"]
    assert refused.json()["mend"]


def test_only_the_import_takes_files_and_only_so_large(web_center, technician: httpx.Client) -> None:
    assert technician.post(IMPORT, json={}).status_code == 415
    assert technician.post("/api/v1/cameras", content=GOOD, headers=CSV).status_code == 415
    assert (
        technician.post(
            "/api/v1/cameras", content=b" " * 70_000, headers={"Content-Type": "application/json"}
        ).status_code
        == 413
    )
    assert _told_length(web_center, technician, (64 << 20) + 1) == 413
    parts = (b"x" * (1 << 20) for _ in range(66))
    assert technician.post(IMPORT, content=parts, headers=CSV).status_code == 413
    key = {"Idempotency-Key": "k"}
    parts = (b"x" * (1 << 20) for _ in range(66))
    assert technician.post(IMPORT, content=parts, headers=CSV | key).status_code == 413
    assert codes(web_center, "county") == []


def _told_length(web_center, client: httpx.Client, length: int) -> int:
    """The answer to a head that declares this length, without a body."""
    host, port = web_center.url.removeprefix("http://").split(":")
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    head = (
        f"POST {IMPORT} HTTP/1.1\r\nHost: {host}:{port}\r\nX-Vedette: 1\r\nCookie: {cookie}\r\n"
        f"Content-Type: text/csv\r\nContent-Length: {length}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=60) as opened:
        opened.sendall(head.encode())
        return int(opened.recv(4096).split()[1])


def test_nobody_has_a_file_read_before_they_are_known(web_center) -> None:
    with web_center.client() as nobody:
        assert nobody.post(IMPORT, content=GOOD, headers=CSV).status_code == 401
        assert nobody.post(IMPORT, content=GOOD, headers=CSV | {"Idempotency-Key": "k"}).status_code == 401
    with web_center.signed_in("li", "county") as operator:
        assert operator.post(IMPORT, content=GOOD, headers=CSV).status_code == 403


def test_one_import_at_a_time(web_center, technician: httpx.Client) -> None:
    with web_center.app.state.context.imports.taken("somebody"):
        refused = technician.post(IMPORT, content=GOOD, headers=CSV)
        assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (429, True)
        assert technician.post(BATCH, json={"cameras": [{"code": "C1"}]}).status_code == 429
    assert imported(technician, GOOD)["written"] is True


def test_who_stops_sending_gives_the_place_back(
    web_center, technician: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_files, "UPLOAD_S", 0.3)
    assert _told_length(web_center, technician, 1000) == 408
    monkeypatch.undo()
    assert imported(technician, GOOD)["written"] is True


def test_a_dry_run_tells_what_would_come_of_it_while_others_write(web_center, technician: httpx.Client) -> None:
    """New, changed and as it was, over more rows than are taken at once; with a writer in the middle of its work."""
    rows = [f"C{n},Gate {n},rtsp://10.0.0.1/,viewer,hunter2" for n in range(1100)]
    header = "code,name,main_url,username,password"
    assert imported(technician, "\n".join([header, *rows[:600]]))["created"] == 600
    changed = [row.replace("Gate", "Door") for row in rows[:7]]
    content = "\n".join([header, *changed, *rows[7:], "C9,Twice,,,"])
    with transaction(web_center.stores.core):
        told = imported(technician, content, dry_run=True, partial=True)
    counts = {name: told[name] for name in ("created", "changed", "unchanged", "refused", "written")}
    assert counts == {"created": 500, "changed": 7, "unchanged": 593, "refused": 1, "written": False}
    assert len(codes(web_center, "county")) == 600
    assert counts | {"written": True} == {
        name: value for name, value in imported(technician, content, partial=True).items() if name in counts
    }


def test_a_key_imports_once(web_center, technician: httpx.Client) -> None:
    key = {"Idempotency-Key": "once"}
    first, again = (technician.post(IMPORT, content=GOOD, headers=CSV | key) for _ in range(2))
    assert (first.json()["created"], again.json()) == (1, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    with web_center.stores.core.begin() as connection:
        assert "hunter2" not in str(connection.execute(text("SELECT * FROM kept_answer")).all())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | st.text(alphabet="code,name\n\"'=-中 \r\t1", max_size=80).map(str.encode))
def test_no_file_is_a_fault(web_center, technician: httpx.Client, content: bytes) -> None:
    answer = technician.post(IMPORT, content=content or b"\n", headers=CSV, params={"dry_run": True})
    assert answer.status_code in (200, 422)
    with reading(web_center.stores.core) as session:
        assert session.scalar(select(func.count()).select_from(Camera)) == 2
