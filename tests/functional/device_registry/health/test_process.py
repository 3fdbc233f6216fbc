"""The process *health* against real devices of our own, by a clock that moves as told."""

from __future__ import annotations

import itertools
from contextlib import suppress

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from device_registry.health import maintenance, records
from device_registry.health.faults import faults_of
from device_registry.health.models import DeviceFault
from device_registry.models import Camera
from foundation.audit import AuditAction
from foundation.clock import US_PER_S
from foundation.database import reading, reading_rows, transaction
from foundation.scope import NOTHING, Scope
from simulator.onvif_device.faults import parse_faults

pytestmark = pytest.mark.functional


def test_a_fresh_center_comes_online_within_seconds(watch, device):
    for n in range(4):
        watch.camera(f"C{n}", device().authority)
    watch.camera("P1")
    watch.run(3)
    assert set(watch.told().values()) == {"unknown"}
    watch.reports("recording")
    watch.run(4)
    assert set(watch.told().values()) == {"online"}
    assert len(watch.history()) == 5


@pytest.mark.parametrize(
    ("fault", "state", "cause"),
    [
        ("skew:7200", "clock_skew", "about 2 hours ahead"),
        ("refuse-password", "degraded", "It is recorded, but: The device refused user name"),
        ("web-page", "degraded", "web page"),
    ],
)
def test_what_the_recorder_cannot_see_is_told(watch, device, fault, state, cause):
    watch.camera("C1", device(fault).authority)
    watch.reports("recording")
    watch.run(40)
    told = watch.shown()["C1"]
    assert told["state"] == state
    assert cause in told["cause"]
    assert told["mend"]


def test_another_device_at_the_address_is_told(watch, device):
    watch.camera("C1", device().authority, serial="S-9")
    watch.reports("recording")
    watch.run(40)
    assert watch.told() == {"C1": "degraded"}
    assert "registered is S-9" in watch.shown()["C1"]["cause"]


def test_a_camera_that_goes_and_comes_back(watch, device):
    alive = device()
    camera_id = watch.camera("C1", alive.authority)
    watch.reports("recording")
    watch.run(5)
    watch.reports("silent", cause="Nothing came for 5 s.")
    watch.run(30)
    assert watch.told() == {"C1": "stream_failed"}
    alive.close()
    watch.reports("unreachable", cause="No route.")
    watch.run(400)
    assert watch.told() == {"C1": "unreachable"}
    device(port=int(alive.authority.rpartition(":")[2]))
    watch.reports("recording")
    watch.run(40)
    assert watch.told() == {"C1": "online"}
    assert watch.history() == [("C1", state) for state in ("online", "stream_failed", "unreachable", "online")]
    assert camera_id


def test_a_refused_password_is_shown_seldom_until_it_is_changed(watch, device):
    asked = device()
    watch.camera("C1", asked.authority, password="wrong")
    watch.reports("recording")
    watch.run(1500)
    assert watch.told() == {"C1": "degraded"}
    assert asked.guard.refusals == 2
    assert asked.asked.count("GetSystemDateAndTime") >= 5
    watch.camera("C1", asked.authority, password="hunter2")
    watch.run(40)
    assert watch.told() == {"C1": "online"}


def test_a_network_that_goes_is_one_fault_for_all(watch, device):
    devices = [device() for _ in range(5)]
    for n, one in enumerate(devices):
        watch.camera(f"C{n}", one.authority)
    watch.reports("recording")
    watch.run(5)
    for one in devices:
        one.close()
    watch.reports("unreachable", cause="No route.")
    watch.run(40)
    assert set(watch.told().values()) == {"unreachable"}
    with reading_rows(watch.stores.core) as rows:
        [fault] = faults_of(rows, Scope([watch.origin.center_id]))
        assert faults_of(rows, NOTHING) == []
    assert (fault["kind"], fault["network"], fault["cameras"]) == ("network", "127.0.0.0/24", 5)
    assert len(fault["camera_ids"]) == 5
    assert {health["cause"] for health in watch.shown().values()} == {fault["cause"]}
    watch.restart()
    watch.run(30)
    for one in devices:
        device(port=int(one.authority.rpartition(":")[2]))
    watch.reports("recording")
    watch.run(60)
    assert set(watch.told().values()) == {"online"}
    with reading(watch.stores.core) as session:
        [row] = session.scalars(select(DeviceFault)).all()
        assert row.until_us is not None
        assert faults_of(session.connection(), Scope([watch.origin.center_id])) == []
    assert len(watch.history()) == 15


def test_maintenance_ends_by_itself(watch, device):
    camera_id = watch.camera("C1", device().authority)
    watch.reports("unreachable", cause="No route.")
    with transaction(watch.stores.core) as session:
        camera = session.get_one(Camera, camera_id)
        until_us = watch.clock.now_us() + 120 * US_PER_S
        action = AuditAction.API_MAINTENANCE_BEGIN
        maintenance.begin(session, watch.clock, camera, until_us, "New pole.", action=action, actor="li")
    watch.run(100)
    assert watch.told() == {"C1": "maintenance"}
    watch.run(30)
    assert watch.told() == {"C1": "stream_failed"}
    with reading(watch.stores.core) as session:
        assert maintenance.running(session, camera_id) is None


@pytest.mark.parametrize("has_device", [True, False], ids=["device", "stream alone"])
def test_maintenance_that_was_over_before_it_was_seen_leaves_no_trace(watch, device, has_device):
    camera_id = watch.camera("C1", device().authority) if has_device else watch.camera("C1")
    watch.reports("recording")
    watch.run(5)
    assert watch.told() == {"C1": "online"}
    with transaction(watch.stores.core) as session:
        camera = session.get_one(Camera, camera_id)
        until_us = watch.clock.now_us() + 120 * US_PER_S
        begin, end = AuditAction.API_MAINTENANCE_BEGIN, AuditAction.API_MAINTENANCE_END
        maintenance.begin(session, watch.clock, camera, until_us, "New pole.", action=begin, actor="li")
        maintenance.end(session, watch.clock, camera, action=end, actor="li")
    assert watch.told() == {"C1": "unknown"}
    watch.run(10)
    assert watch.told() == {"C1": "online"}


def test_who_asks_for_a_check_gets_it_and_is_told_at_once(watch, device):
    asked = device()
    camera_id = watch.camera("C1", asked.authority)
    plain_id = watch.camera("P1")
    watch.reports("recording")
    watch.run(60)
    before = len(asked.asked)
    asked.close()
    with transaction(watch.stores.core) as session:
        for one in (camera_id, plain_id):
            records.ask(session, watch.clock, one)
    watch.run(5)
    assert watch.told() == {"C1": "degraded", "P1": "online"}
    assert len(asked.asked) == before
    with reading(watch.stores.core) as session:
        assert session.scalars(text("SELECT camera_id FROM camera_health WHERE asked_us IS NOT NULL")).all() == []


def test_a_database_that_goes_away_costs_nothing_but_news(watch, device):
    alive = device()
    watch.camera("C1", alive.authority)
    watch.reports("recording")
    watch.run(5)
    with watch.stores.core.begin() as connection:
        connection.execute(text("ALTER TABLE camera RENAME TO away"))
    alive.close()
    for _ in range(800):
        watch.clock.advance(0.5)
        with suppress(SQLAlchemyError):
            watch.health.tick()
            watch._settle()
    with watch.stores.core.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO camera"))
    watch.run(5)
    assert watch.told() == {"C1": "degraded"}


def test_a_dead_device_takes_no_thread_and_ever_fewer_packets(watch, device):
    gone = device()
    gone.close()
    watch.camera("C1", gone.authority)
    asked: list[float] = []
    check = watch.health._checked

    def counted(device, skew_us, *, signed):
        asked.append(watch.clock.now_us() / US_PER_S)
        return check(device, skew_us, signed=signed)

    watch.health._checked = counted
    watch.run(1800)
    pauses = [later - earlier for earlier, later in itertools.pairwise(asked)]
    assert 8 <= pauses[0] <= 13
    assert min(pauses[6:]) >= 265
    assert watch.health._workers._threads == 1


def test_a_clock_at_the_very_bound_is_not_news_with_every_check(watch, device):
    asked = device("skew:6.3")
    watch.camera("C1", asked.authority)
    watch.reports("recording")
    watch.run(40)
    asked.faults = parse_faults(["skew:4.9"])
    watch.run(400)
    assert watch.told() == {"C1": "clock_skew"}
    asked.faults = parse_faults(["skew:1"])
    watch.run(400)
    assert watch.told() == {"C1": "online"}
