from __future__ import annotations

import json
import socket

import pytest
import typer
from sqlalchemy import select
from typer.testing import CliRunner

from device_registry import centers, states
from device_registry.commands import register
from device_registry.health import commands, records
from device_registry.health.verdict import Verdict
from device_registry.models import Camera
from foundation.audit import AuditEntry
from foundation.clock import SYSTEM_CLOCK, US_PER_S
from foundation.database import reading, transaction
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.settings import Settings

DEAD = Verdict("unreachable", "Nothing answers [1].", "Check its power.")


@pytest.fixture
def stores_here(tmp_path, open_center):
    stores = open_center(tmp_path / "data")
    yield stores
    stores.dispose()


@pytest.fixture
def vedette(tmp_path, monkeypatch, stores_here):
    monkeypatch.setenv("VEDETTE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("VEDETTE_DEVICES__ALLOW", '["127.0.0.0/8"]')
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    register(app)

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["cameras", *arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    for n in range(1, 4):
        run("add", f"C{n}", "--name", f"Gate {n}", "--url", f"rtsp://127.0.0.1:{n}/main")
    return run


def note(stores, code, verdict, fault_id=None):
    with transaction(stores.core) as session:
        camera_id = session.scalars(select(Camera.id).where(Camera.code == code)).one()
        records.note(session, SYSTEM_CLOCK, camera_id, verdict, SYSTEM_CLOCK.now_us(), fault_id)
        states.note(session, SYSTEM_CLOCK, camera_id, "recording", None)


def test_health_is_a_table_with_a_summary(vedette, stores_here):
    note(stores_here, "C1", Verdict("online"))
    with transaction(stores_here.core) as session:
        origin = centers.ensure_local(session, Settings(data_dir="."), SYSTEM_CLOCK)
        key = ("network", "127.0.0.0/24")
        fault_id = records.open_fault(session, SYSTEM_CLOCK, origin, key, SYSTEM_CLOCK.now_us(), 3)
    note(stores_here, "C2", DEAD, fault_id)
    code, output = vedette("health")
    assert code == 0
    assert "Nothing answers [1]." in output
    assert "Check its power." in output
    assert "3 cameras: 1 online, 1 unknown, 1 unreachable." in output
    assert "The network 127.0.0.0/24 does not answer: most of its devices went together. 1 cameras, since" in output
    code, output = vedette("health", "--state", "unreachable")
    assert "C2" in output
    assert "C1" not in output
    code, output = vedette("health", "--json")
    found = json.loads(output)
    assert [one["health"]["state"] for one in found["cameras"]] == ["online", "unreachable", "unknown"]
    assert found["counts"] == {"online": 1, "unreachable": 1, "unknown": 1}
    assert [fault["cameras"] for fault in found["faults"]] == [1]


def test_waiting_ends_with_one_unless_all_that_are_enabled_are_online(vedette, stores_here):
    assert vedette("health", "--wait", "0")[0] == 1
    for code in ("C1", "C2"):
        note(stores_here, code, Verdict("online"))
    vedette("add", "C3", "--disabled")
    assert vedette("health", "--wait", "0")[0] == 0
    vedette("maintain", "C2", "--until", "4h", "--reason", "New pole")
    assert vedette("health", "--wait", "0")[0] == 0
    note(stores_here, "C1", DEAD)
    assert vedette("health", "--wait", "1.5")[0] == 1


def test_what_is_not_known_is_refused(vedette):
    with pytest.raises(InvalidInput, match="'offline' is no state"):
        vedette("health", "--state", "offline")
    with pytest.raises(NotFound, match="no such center"):
        vedette("health", "--center", "330100")
    with pytest.raises(NotFound, match="no such camera"):
        vedette("maintain", "C9", "--end")
    with pytest.raises(NotFound, match="no such camera"):
        vedette("check", "C1", "C9")
    with pytest.raises(NotFound, match="no such center"):
        vedette("availability", "--center", "330100")


def test_maintenance_is_announced_and_ended(vedette, stores_here):
    code, output = vedette("maintain", "C1", "--until", "2d", "--reason", "New pole")
    assert (code, output.startswith("Camera C1: in maintenance until 20")) == (0, True)
    assert "New pole" in vedette("health", "--state", "maintenance")[1]
    assert vedette("maintain", "C1", "--end")[1].startswith("Camera C1: maintenance ended")
    with pytest.raises(Conflict):
        vedette("maintain", "C1", "--end")
    with reading(stores_here.core) as session:
        query = select(AuditEntry.action).where(AuditEntry.action.like("cli:maintenance%")).order_by(AuditEntry.seq)
        assert session.scalars(query).all() == ["cli:maintenance:begin", "cli:maintenance:end"]


@pytest.mark.parametrize(
    "given",
    [
        [],
        ["--until", "4h"],
        ["--reason", "x"],
        ["--end", "--until", "4h", "--reason", "x"],
        ["--until", "soon", "--reason", "x"],
        ["--until", "2020-01-01", "--reason", "x"],
        ["--until", "99d", "--reason", "x"],
        ["--until", "1h", "--reason", " "],
    ],
    ids=["nothing", "no reason", "no end", "both", "no time", "past", "too far", "blank"],
)
def test_maintenance_that_says_too_little_or_too_much_is_refused(vedette, given):
    with pytest.raises(InvalidInput):
        vedette("maintain", "C1", *given)


@pytest.mark.parametrize("text", ["2026-11-27T18:00", "2026-11-27T18:00Z", "2026-11-28T02:00+08:00"])
def test_an_end_is_utc_unless_it_says_otherwise(text):
    assert commands.moment(text) == 1_795_802_400 * US_PER_S


@pytest.mark.parametrize("text", ["", "h", "4", "4w", "4.5h", "٤h", "99999999h", "noon"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(InvalidInput, match="this is no time"):
        commands.moment(text)


def test_a_check_says_what_answers_and_what_does_not(vedette):
    with socket.create_server(("127.0.0.1", 0)) as server:
        vedette("add", "C1", "--url", f"rtsp://127.0.0.1:{server.getsockname()[1]}/main")
        code, output = vedette("check", "C1")
        assert (code, " ok " in output) == (0, True)
        code, output = vedette("check")
    assert code == 1
    assert output.count("No connection: connection refused.") == 2


def test_availability_by_center_and_camera(vedette, stores_here):
    note(stores_here, "C1", Verdict("online"))
    code, output = vedette("availability")
    assert code == 0
    assert "100.0 %" in output
    shares = json.loads(vedette("availability", "--days", "1", "--json")[1])
    assert [row["available"] for row in shares["cameras"]] == [1.0, None, None]
    assert [(row["cameras"], row["available"]) for row in shares["centers"]] == [(3, 1.0)]
