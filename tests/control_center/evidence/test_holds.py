"""What the recorders are told to hold, when they are told it, and what they are believed."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from control_center.access_policy import Purpose
from control_center.alerts.models import Alert
from control_center.evidence import directory, locks
from control_center.evidence.holds import AROUND_US, Hold, merged
from control_center.evidence.locks import By, Span
from control_center.evidence.models import EvidenceLock
from control_center.processes.holds import Holds
from device_registry.models import Camera
from foundation import outbox
from foundation.audit import AuditEntry
from foundation.audit import check as audit_check
from foundation.clock import US_PER_S
from foundation.database import reading, transaction
from foundation.errors import NotWritable
from foundation.scope import Scope
from foundation.settings import Settings
from ingest.footage.holds import HoldsFile, parse_holds

STATION, OTHER = "110101010000", "110201010000"
WHO = By("0195c0de-0000-7000-8000-0000000000aa", "li")
WHY = Purpose("a theft at the gate", "A1101-2023")
MINUTE = 60 * US_PER_S


@pytest.fixture
def settings(tmp_path) -> Settings:
    settings = Settings(data_dir=tmp_path / "data")
    settings.run_dir.mkdir(parents=True)
    return settings


@pytest.fixture
def holds(city, settings) -> Holds:
    return Holds(settings, city.stores, city.clock)


def lock(city, *, code=STATION, start_min=0, end_min=1) -> str:
    """A span that many minutes after an hour ago."""
    hour_ago_us = city.clock.now_us() - 3600 * US_PER_S
    span = Span(hour_ago_us + start_min * MINUTE, hour_ago_us + end_min * MINUTE)
    with transaction(city.stores.core) as session:
        return locks.place(session, city.clock, Scope(city.centers.values()), WHO, city.cameras[code], span, WHY)


def release(city, lock_id: str) -> None:
    with transaction(city.stores.core) as session:
        locks.release(session, city.clock, session.get_one(EvidenceLock, lock_id), WHO, WHY)


def state(city, lock_id: str) -> str:
    with reading(city.stores.core) as session:
        return directory.state_of(session.get_one(EvidenceLock, lock_id))


def written(settings) -> dict[str, Any]:
    return json.loads((settings.run_dir / "holds.json").read_bytes())


def obey(settings, *versions: int | None) -> None:
    """The recorders' status files."""
    for index, version in enumerate(versions):
        status = {"time_us": 0, "streams": []} | ({} if version is None else {"holds_version": version})
        (settings.run_dir / f"recorder-{index}.status.json").write_text(json.dumps(status))


def test_a_lock_is_written_at_the_next_look_and_nothing_is_written_twice(city, holds, settings):
    holds.refresh()
    assert written(settings)["holds"] == []
    first = written(settings)["version"]
    lock_id = lock(city)
    holds.refresh()
    file = settings.run_dir / "holds.json"
    [one] = written(settings)["holds"]
    assert (one["camera_id"], one["kind"], one["end_us"] - one["start_us"]) == (city.cameras[STATION], "lock", MINUTE)
    assert written(settings)["version"] > first
    before = file.stat().st_ino
    city.clock.advance(60)
    holds.refresh()
    assert file.stat().st_ino == before
    release(city, lock_id)
    holds.refresh()
    assert written(settings)["holds"] == []


def test_the_recorder_reads_what_is_written(city, holds, settings):
    lock(city)
    lock(city, start_min=1, end_min=3)
    lock(city, code=OTHER)
    holds.refresh()
    read = HoldsFile(settings.run_dir).read()
    assert read is not None
    assert read.version == written(settings)["version"]
    assert {camera: [end - start for start, end in spans] for camera, spans in read.by_camera.items()} == {
        city.cameras[STATION]: [3 * MINUTE],
        city.cameras[OTHER]: [MINUTE],
    }


def test_a_lock_is_held_once_every_recorder_obeys_the_version_that_has_it(city, settings):
    settings.recorder.processes = 2
    holds = Holds(settings, city.stores, city.clock)
    first = lock(city)
    holds.refresh()
    version = written(settings)["version"]
    for versions in ((), (version,), (version, None), (version, version - 1)):
        obey(settings, *versions)
        holds.refresh()
        assert state(city, first) == "requested", versions
    obey(settings, version, version + 5)
    holds.refresh()
    assert state(city, first) == "held"
    second = lock(city, start_min=5, end_min=6)
    holds.refresh()
    assert (state(city, first), state(city, second)) == ("held", "requested")
    with reading(city.stores.core) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "supervisor:evidence:hold")).one()
        assert (entry.subject, entry.actor) == (first, "supervisor")
        assert audit_check.verify(session).fault is None


def test_a_recorder_without_a_disk_has_nothing_to_say(city, settings):
    settings.recorder.processes = 2
    holds = Holds(settings, city.stores, city.clock)
    lock_id = lock(city)
    holds.refresh()
    obey(settings, written(settings)["version"])
    idle = {"time_us": 0, "streams": [], "disks": [], "holds_version": 0}
    (settings.run_dir / "recorder-1.status.json").write_text(json.dumps(idle))
    holds.refresh()
    assert state(city, lock_id) == "held"


def test_a_lock_that_is_widened_waits_for_the_recorders_anew(city, holds, settings):
    lock_id = lock(city)
    holds.refresh()
    obey(settings, written(settings)["version"])
    holds.refresh()
    assert state(city, lock_id) == "held"
    with transaction(city.stores.core) as session:
        row = session.get_one(EvidenceLock, lock_id)
        locks.extend(session, city.clock, row, WHO, Span(row.start_us - MINUTE, row.end_us), WHY)
    holds.refresh()
    assert state(city, lock_id) == "requested"
    obey(settings, written(settings)["version"])
    holds.refresh()
    assert state(city, lock_id) == "held"


def test_the_version_grows_whatever_becomes_of_the_file(city, holds, settings):
    file = settings.run_dir / "holds.json"
    lock(city)
    holds.refresh()
    version = written(settings)["version"]
    city.clock.step(-3600)  # the clock is set back, the file lost, the supervisor started anew
    obey(settings, version + 7)
    for content in (None, b"", b"{", b'{"version": "x", "holds": []}', b"\xff" * 50):
        file.unlink(missing_ok=True)
        if content is not None:
            file.write_bytes(content)
        Holds(settings, city.stores, city.clock).refresh()
        assert written(settings)["version"] > version + 7


def test_a_start_with_the_same_holds_keeps_file_and_version(city, holds, settings):
    lock_id = lock(city)
    holds.refresh()
    before = written(settings)
    obey(settings, before["version"])
    holds.refresh()
    Holds(settings, city.stores, city.clock).refresh()
    assert written(settings) == before
    assert state(city, lock_id) == "held"


def test_what_was_released_while_no_supervisor_ran_is_let_go_by_the_next(city, holds, settings):
    lock_id = lock(city)
    holds.refresh()
    release(city, lock_id)
    Holds(settings, city.stores, city.clock).refresh()
    assert written(settings)["holds"] == []


def test_what_could_not_be_written_is_written_later(city, holds, settings):
    holds.refresh()
    before = written(settings)
    lock(city)
    aside = settings.run_dir.with_name("aside")
    settings.run_dir.rename(aside)
    settings.run_dir.write_bytes(b"a file where the folder should be")
    with pytest.raises(NotWritable):
        holds.refresh()
    settings.run_dir.unlink()
    aside.rename(settings.run_dir)
    assert written(settings) == before
    holds.refresh()
    assert len(written(settings)["holds"]) == 1


def test_a_restored_database_does_not_take_a_lock_away(city, holds, settings):
    lock_id = lock(city)
    holds.refresh()
    before = written(settings)
    with transaction(city.stores.core) as session:  # what a backup from before the lock does
        session.execute(delete(EvidenceLock))
    restarted = Holds(settings, city.stores, city.clock)
    restarted.refresh()
    assert written(settings) == before
    with reading(city.stores.core) as session:
        adopted = session.get_one(EvidenceLock, lock_id)
        assert (adopted.camera_id, adopted.locked_by_name) == (city.cameras[STATION], "supervisor")
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "supervisor:evidence:adopt")).one()
        assert entry.subject == lock_id
    release(city, lock_id)
    restarted.refresh()
    assert written(settings)["holds"] == []


def test_what_is_held_of_a_camera_that_the_restored_database_does_not_know_stays_held(city, holds, settings):
    lock(city)
    holds.refresh()
    before = written(settings)
    content = json.loads(json.dumps(before).replace(city.cameras[STATION], "0195c0de-0000-7000-8000-0000000000ff"))
    (settings.run_dir / "holds.json").write_text(json.dumps(content))
    with transaction(city.stores.core) as session:
        session.execute(delete(EvidenceLock))
    Holds(settings, city.stores, city.clock).refresh()
    assert written(settings)["holds"] == content["holds"]


def test_a_restored_database_knows_nothing_of_what_is_held_now(city, holds, settings):
    """The backup says held; the machine that it is restored on has never heard of the lock."""
    lock_id = lock(city)
    with transaction(city.stores.core) as session:
        session.execute(update(EvidenceLock).values(held_us=1))
    obey(settings, 0)
    holds.refresh()
    assert state(city, lock_id) == "requested"


def test_other_machines_cameras_are_theirs_to_hold(city, holds, settings):
    with transaction(city.stores.core) as session:
        session.get_one(Camera, city.cameras[OTHER]).node = "node-2"
    lock(city, code=OTHER)
    holds.refresh()
    assert written(settings)["holds"] == []


def test_an_open_alert_holds_a_minute_around_for_thirty_days_at_most(city, holds, settings):
    sighted_us = city.clock.now_us()
    with transaction(city.stores.core) as session:
        city.alert(session, plate="京A12345")
    holds.refresh()
    [one] = written(settings)["holds"]
    assert (one["kind"], one["camera_id"]) == ("alert", city.cameras[STATION])
    assert one["start_us"] == sighted_us - AROUND_US
    assert one["end_us"] >= sighted_us + AROUND_US
    city.clock.advance(29.9 * 86_400)
    holds.refresh()
    assert written(settings)["holds"] == [one]
    city.clock.advance(0.2 * 86_400)
    holds.refresh()
    assert written(settings)["holds"] == []


@pytest.mark.parametrize("state", ["new", "acknowledged", "verified", "dismissed", "closed"])
def test_an_alert_holds_until_it_is_closed(city, holds, settings, state):
    with transaction(city.stores.core) as session:
        alert = city.alert(session, plate="京A12345")
        session.flush()
        session.execute(update(Alert).where(Alert.id == alert.id).values(state=state))
    holds.refresh()
    assert (written(settings)["holds"] == []) is (state == "closed")


def test_nobody_asks_the_database_for_holds_while_nothing_happens(city, holds, settings):
    holds.refresh()
    with transaction(city.stores.core) as session:  # a row that nothing was told of
        city.alert(session, plate="京A12345")
        session.execute(delete(outbox.OutboxEvent))
    holds.refresh()
    assert written(settings)["holds"] == []
    city.clock.advance(11)
    holds.refresh()
    assert len(written(settings)["holds"]) == 1


SPANS = st.tuples(st.sampled_from("ab"), st.sampled_from(["alert", "lock"]), st.integers(0, 60), st.integers(1, 20))


@given(st.lists(SPANS, max_size=12))
def test_merged_holds_hold_the_same_moments_and_no_more(spans):
    given = [Hold(camera, kind, start, start + length) for camera, kind, start, length in spans]
    result = merged(given)

    def moments(holds):
        return {(one.camera_id, one.kind, at) for one in holds for at in range(one.start_us, one.end_us)}

    assert moments(result) == moments(given)
    for one, following in pairwise(result):
        assert one[:2] != following[:2] or one.end_us < following.start_us


@given(st.lists(SPANS, max_size=12))
def test_what_is_merged_can_be_read_by_the_recorder(spans):
    given = [Hold(camera, kind, start, start + length) for camera, kind, start, length in spans]
    content = {"version": 1, "holds": [one._asdict() for one in merged(given)]}
    parse_holds(json.dumps(content).encode())
