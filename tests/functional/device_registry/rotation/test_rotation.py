"""Passwords of devices of our own are rotated, also of those that misbehave."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from device_registry import states
from device_registry.models import Camera
from device_registry.rotation.models import RotatedDevice
from device_registry.rotation.waves import Stages
from foundation.audit.entries import AuditEntry
from foundation.database import reading, transaction

pytestmark = pytest.mark.functional

FIRST = "hunter2"


@pytest.mark.parametrize("faults", [(), ("digest-only",), ("skew:7200",)], ids=["token", "digest", "skew"])
def test_a_device_gets_a_new_password_that_opens_it(site, password_at, faults) -> None:
    device = site.device(*faults)
    assert site.rotate() is None
    assert site.states() == ["done"]
    assert site.passwords() == [password_at(device)] != [FIRST]
    # At HTTP Digest the first request of each session goes without an answer to the challenge that it brings.
    assert device.guard.wrong == (2 if "digest-only" in faults else 0)


def test_all_cameras_of_a_device_change_together_also_those_not_named(site, password_at) -> None:
    recorder = site.device(channels=4)
    alone = site.device()
    site.rotate(codes=["D01-2"])
    assert site.passwords().count(password_at(recorder)) == 4
    assert password_at(alone) == FIRST
    assert recorder.asked.count("SetUser") == 1


def test_the_level_of_the_user_is_kept(site) -> None:
    device = site.device()
    site.rotate()
    assert device.users.level("admin") == "Administrator"


@pytest.mark.parametrize(
    ("fault", "state", "wrong"),
    [
        ("refuses-user", "unchanged", 1),
        ("errs-at-user", "done", 0),
        ("hangs-at-user", "done", 0),
        ("user-after-restart", "rolled_back", 1),
    ],
)
def test_a_device_that_misbehaves_ends_with_the_password_that_the_registry_has(
    site, password_at, fault, state, wrong
) -> None:
    device = site.device(fault)
    site.rotate()
    assert site.states() == [state]
    assert site.passwords() == [password_at(device)]
    assert (password_at(device) != FIRST) is (state == "done")
    assert device.guard.wrong == wrong  # each password is shown once
    device.users.restart()
    assert site.passwords() == [password_at(device)]


def test_a_password_that_the_registry_has_wrong_changes_nothing(site, password_at) -> None:
    device = site.device(password="another")
    site.rotate()
    (told,) = site.reports()
    assert (told.state, "refused user name and password" in told.cause) == ("unchanged", True)
    assert "SetUser" not in device.asked
    assert device.guard.wrong == 1


def test_a_device_that_lets_everybody_in_cannot_be_verified(site) -> None:
    device = site.device(password=None)
    site.rotate()
    (told,) = site.reports()
    assert (told.state, "to anybody" in told.cause) == ("unchanged", True)
    assert "SetUser" not in device.asked


def test_a_device_that_is_away_keeps_its_password(site) -> None:
    device = site.device()
    device.close()
    site.rotate()
    (told,) = site.reports()
    assert (told.state, "no connection" in told.cause) == ("unchanged", True)
    assert site.passwords() == [FIRST]


def test_a_device_that_says_no_and_does_it_later_is_given_the_old_password_again(site, password_at) -> None:
    device = site.device("user-after-restart", "errs-at-user")
    site.rotate()
    assert site.states() == ["unchanged"]
    device.users.restart()
    assert password_at(device) == FIRST


def test_an_unknown_device_keeps_both_passwords_and_is_resumed(site, password_at) -> None:
    device = site.device("locks-after:1", "user-after-restart")
    site.rotate()
    assert site.states() == ["unknown"]  # its account was locked by the first wrong one
    with reading(site.stores.core) as session:
        row = session.scalars(select(RotatedDevice)).one()
        assert None not in (row.old_password, row.new_password)
    device.users.restart()
    wrong = device.guard.wrong
    site.resume()
    assert (site.states(), device.guard.wrong - wrong) == (["unknown"], 2)  # each was tried once
    device.guard.wrong = -10  # the lock has run out
    site.resume()
    assert (site.states(), site.passwords()) == (["done"], [password_at(device)])


def test_another_password_entered_meanwhile_overtakes_a_rotation(site) -> None:
    device = site.device("locks-after:1", "user-after-restart")
    site.rotate()
    site.register("D01-0", device.authority, password="entered")
    wrong = device.guard.wrong
    site.resume()
    assert (site.states(), site.passwords(), device.guard.wrong) == (["withdrawn"], ["entered"], wrong)
    with reading(site.stores.core) as session:
        row = session.scalars(select(RotatedDevice)).one()
        assert (row.old_password, row.new_password) == (None, None)


def test_a_device_that_fails_in_the_first_stage_ends_the_run(site) -> None:
    for fault in ("refuses-user", *[()] * 5):
        site.device(*([fault] if fault else []))
    stopped = site.rotate(Stages(canary=2, wave=2, max_failures=3))
    assert str(stopped) == "a device of the first stage failed"
    assert sorted(site.states()) == ["done", "unchanged", "waiting", "waiting", "waiting", "waiting"]
    site.resume()
    assert sorted(site.states()) == ["done"] * 5 + ["unchanged"]


def test_a_recorder_that_is_refused_after_the_first_stage_ends_the_run(site) -> None:
    for _ in range(3):
        site.device()

    def note(state: str) -> None:
        with transaction(site.stores.core) as session:
            camera = session.scalars(select(Camera).where(Camera.code == "D01-0")).one()
            states.note(session, site.clock, camera.id, state, None)

    note("recording")
    site.meanwhile = lambda: note("auth_failed")
    stopped = site.rotate(Stages(canary=1))
    assert "camera D01-0 is auth_failed" in str(stopped)
    assert site.states() == ["done", "waiting", "waiting"]


def test_a_recorder_that_gets_in_does_not(site) -> None:
    for _ in range(3):
        site.device()
    with transaction(site.stores.core) as session:
        for camera in session.scalars(select(Camera)):
            states.note(session, site.clock, camera.id, "recording", None)
    assert site.rotate(Stages(canary=1, wave=1)) is None
    assert site.states() == ["done"] * 3


def test_too_many_failures_end_the_run(site) -> None:
    for _ in range(6):
        site.device("refuses-user")
    assert str(site.rotate(Stages(canary=0, wave=1, max_failures=2))) == "more than 2 devices failed"
    assert sorted(site.states()) == ["unchanged"] * 3 + ["waiting"] * 3


def test_a_later_rotation_takes_the_place_of_what_waits(site) -> None:
    for _ in range(3):
        site.device("refuses-user")
    site.rotate(Stages(canary=1))
    site.rotate(Stages(canary=0))
    assert site.states() == ["unchanged"] * 3
    with reading(site.stores.core) as session:
        rows = session.scalars(select(RotatedDevice)).all()
    assert sorted(row.state for row in rows) == ["unchanged"] * 4 + ["withdrawn"] * 2
    assert {(row.old_password, row.new_password) for row in rows} == {(None, None)}


def test_the_audit_trail_has_each_device_and_no_password(site, password_at) -> None:
    devices = [site.device(channels=2), site.device("refuses-user")]
    site.rotate()
    with reading(site.stores.core) as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "cli:credential:rotate")).all()
        text = repr([entry.content() for entry in session.scalars(select(AuditEntry))])
    assert sorted(entry.detail["outcome"] for entry in entries) == ["done", "unchanged"]
    assert {entry.actor for entry in entries} == {"cli:test"}
    assert any(len(entry.detail["cameras"]) == 2 for entry in entries)
    assert not any(password_at(device) in text for device in devices)


def test_a_device_that_is_not_settled_is_left_out_of_the_next(site) -> None:
    site.device("locks-after:1", "user-after-restart")
    site.rotate()
    assert site.states() == ["unknown"]
    (left_out,) = site.plan().left_out
    assert "has not settled" in left_out.what


def test_the_sealing_key_may_be_changed_in_the_middle(site, password_at) -> None:
    from foundation.sealed import reseal

    device = site.device("locks-after:1", "user-after-restart")
    site.rotate()
    old = site.keyring.current_id
    site.keyring.rotate()
    reseal(site.stores.core, site.keyring)
    site.keyring.retire(old)
    device.users.restart()
    device.guard.wrong = -10
    site.resume()
    assert (site.states(), site.passwords()) == (["done"], [password_at(device)])


def test_a_camera_that_went_meanwhile_is_no_hindrance(site) -> None:
    from device_registry.models import Credential

    site.device()
    ledger = site.ledger()
    ledger.begin(site.plan().devices, ["Aa1-Aa1-Aa1"])
    with transaction(site.stores.core) as session:
        session.delete(session.scalars(select(Credential)).one())
    site.resume()
    assert site.states() == ["withdrawn"]
