from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys

import pytest
from sqlalchemy import select, text, update

from control_center.demo.preparation import free_port
from control_center.processes.camera_states import CameraStates
from control_center.processes.hand_out import HandOut
from control_center.processes.lock import ProcessLock, holder
from control_center.processes.preflight import check_port, preflight
from control_center.processes.supervised import Supervised
from control_center.processes.supervisor import Supervisor
from device_registry import assignments, states
from device_registry.models import Camera, CameraStream
from foundation import leases
from foundation.audit.entries import AuditEntry
from foundation.clock import SYSTEM_CLOCK, ManualClock
from foundation.database import open_stores, reading, transaction
from foundation.errors import Conflict, NotWritable, PortInUse
from foundation.scope import Scope
from foundation.settings import ListenSettings, Settings

STATION, OTHER = "110101010000", "110201010000"


@pytest.fixture
def settings(tmp_path):
    settings = Settings(data_dir=tmp_path / "data")
    settings.run_dir.mkdir(parents=True)
    settings.log_dir.mkdir()
    return settings


def test_a_lock_names_its_holder_and_is_let_go_by_the_kernel(settings):
    lock = ProcessLock(settings.run_dir, "api-0").acquire()
    assert holder(settings.run_dir, "api-0") == os.getpid()
    with pytest.raises(Conflict, match=f"process {os.getpid()}"):
        ProcessLock(settings.run_dir, "api-0").acquire()
    lock.release()
    assert holder(settings.run_dir, "api-0") is None


def test_a_port_in_use_is_named_with_the_mend():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=rf"port {port} .*VEDETTE_API__PORT"):
            check_port("api", ListenSettings(host="127.0.0.1", port=port))


def test_a_folder_that_cannot_be_made_is_named():
    with pytest.raises(NotWritable, match="/proc/vedette: cannot be written"):
        preflight(Settings(data_dir="/proc/vedette"))


def test_a_file_in_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(NotWritable, match="a file stands where a folder is needed"):
        preflight(Settings(data_dir=tmp_path / "data"))


@pytest.mark.functional
def test_a_process_that_dies_is_started_again_after_a_growing_pause(settings):
    clock = ManualClock()
    process = Supervised("nonsense", 0, settings.run_dir, settings.log_dir, clock)
    environment = dict(os.environ)
    pauses = []
    for _ in range(4):
        process.tend(environment)
        assert process.pid is not None
        process._child.wait()
        process.tend(environment)
        pauses.append((process._not_before_us - clock.monotonic_us()) / 1e6)
        clock.advance(pauses[-1])
    assert process.restarts == 4
    assert pauses == [2, 4, 8, 16]
    assert process.last_words() != "it said nothing"


@pytest.mark.functional
def test_a_running_process_is_adopted_not_doubled(settings):
    hold = (
        "import sys, time, pathlib; from control_center.processes.lock import ProcessLock;"
        "lock = ProcessLock(pathlib.Path(sys.argv[1]), 'recorder-0').acquire();"
        "print('held', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", hold, str(settings.run_dir)], stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        process = Supervised("recorder", 0, settings.run_dir, settings.log_dir, SYSTEM_CLOCK)
        process.tend(dict(os.environ))
        assert process.pid == child.pid
        process.signal(signal.SIGTERM)
        child.wait(10)
        assert process.pid is None
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def add_camera(city):
    with transaction(city.stores.core) as session:
        camera = session.get_one(Camera, city.cameras[STATION])
        camera.streams.append(CameraStream(name="main", url="rtsp://127.0.0.1:8554/gate"))


def handed_out(city, settings):
    HandOut(settings, city.stores, city.clock).refresh()
    return {(row["camera_id"], row["stream"]): row["fence"] for row in assignments.read(settings.run_dir)["streams"]}


def test_streams_are_handed_out_under_a_lease(city, settings):
    add_camera(city)
    key = (city.cameras[STATION], "main")
    assert handed_out(city, settings) == {key: 1}
    # The next supervisor of this node goes on under the same fence: nothing is interrupted.
    assert handed_out(city, settings) == {key: 1}


def test_a_stream_that_another_node_leased_is_not_handed_out(city, settings):
    add_camera(city)
    with transaction(city.stores.core) as session:
        leases.acquire(session, f"stream:{city.cameras[STATION]}/main", "node-2", 3600)
    assert handed_out(city, settings) == {}


def test_a_stream_that_another_node_took_leaves_the_list_and_the_others_stay(city, settings):
    add_camera(city)
    with transaction(city.stores.core) as session:
        camera = session.get_one(Camera, city.cameras[OTHER])
        camera.streams.append(CameraStream(name="main", url="rtsp://127.0.0.1:8554/yard"))
    hand_out = HandOut(settings, city.stores, city.clock)
    hand_out.refresh()
    with transaction(city.stores.core) as session:
        session.execute(update(leases.LeaseRow).values(expires_us=0))
        leases.acquire(session, f"stream:{city.cameras[STATION]}/main", "node-2", 3600)
    city.clock.advance(11)
    hand_out.refresh()
    [left] = assignments.read(settings.run_dir)["streams"]
    assert left["camera_id"] == city.cameras[OTHER]


def test_the_last_words_of_a_recorder_do_not_pass_for_the_present(city, settings):
    report = {"camera_id": city.cameras[STATION], "stream": "main", "state": "recording", "cause": None}
    status = {"time_us": city.clock.now_us(), "streams": [report]}
    (settings.run_dir / "recorder-0.status.json").write_text(json.dumps(status))
    carried = CameraStates(settings, city.stores, city.clock)
    for seconds, state in ((0, "recording"), (11, "connecting")):
        city.clock.advance(seconds)
        carried.refresh()
        with reading(city.stores.core) as session:
            shown = states.directory(session, Scope([city.centers[STATION]]))[0]
        assert shown["state"] == state
    assert "has not reported" in shown["cause"]


@pytest.mark.functional
def test_a_database_that_goes_away_neither_ends_the_supervisor_nor_its_processes(settings, monkeypatch):
    monkeypatch.setattr("control_center.processes.supervisor.wanted_processes", lambda _: [("nonsense", 0)])
    settings.api.port, settings.live.port = free_port(), free_port()
    (settings.run_dir / "metrics").mkdir()
    (settings.run_dir / "metrics" / "counter_999999999.db").write_bytes(b"")
    supervisor = Supervisor(settings, None)
    supervisor.start()
    try:
        assert list((settings.run_dir / "metrics").iterdir()) == []
        stores = open_stores(settings)
        with stores.core.begin() as connection:
            connection.execute(text("ALTER TABLE camera RENAME TO away"))
        first = supervisor.processes[0]._child
        supervisor.processes[0]._child.wait(30)
        monkeypatch.setattr("control_center.processes.supervised.FIRST_PAUSE_S", 0)
        supervisor.processes[0]._pause_s = 0
        supervisor.tick()
        assert supervisor.processes[0]._child not in (None, first)
        with stores.core.begin() as connection:
            connection.execute(text("ALTER TABLE away RENAME TO camera"))
        supervisor.tick()
        stores.dispose()
    finally:
        supervisor.stop()
        supervisor.processes[0]._child.wait(30)


def test_the_certificate_of_a_camera_is_pinned_at_first_use(city, settings):
    camera_id = city.cameras[STATION]
    carried = CameraStates(settings, city.stores, city.clock)

    def pin_after(*streams):
        rows = [
            {"camera_id": camera_id, "stream": name, "state": state, "cause": None, "tls_sha256": shown}
            for name, state, shown in streams
        ]
        status = {"time_us": city.clock.now_us(), "streams": rows}
        (settings.run_dir / "recorder-0.status.json").write_text(json.dumps(status))
        carried.refresh()
        with reading(city.stores.core) as session:
            return session.get_one(Camera, camera_id).tls_sha256

    first, second = "1" * 64, "2" * 64
    assert pin_after(("main", "recording", None)) is None  # not encrypted
    assert pin_after(("main", "auth_failed", first)) is None  # whoever that is, the password did not open it
    assert pin_after(("main", "recording", first), ("sub", "recording", second)) is None
    assert pin_after(("main", "recording", first), ("sub", "connecting", None)) == first
    assert pin_after(("main", "recording", second)) == first
    with reading(city.stores.core) as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "supervisor:camera:pin"))
    assert entry.detail["changed"] == {"tls_sha256": {"from": None, "to": first}}


def test_no_certificate_is_pinned_where_settings_say_so(city, settings):
    settings.devices.pin_at_first_use = False
    camera_id = city.cameras[STATION]
    row = {"camera_id": camera_id, "stream": "main", "state": "recording", "cause": None, "tls_sha256": "1" * 64}
    status = {"time_us": city.clock.now_us(), "streams": [row]}
    (settings.run_dir / "recorder-0.status.json").write_text(json.dumps(status))
    CameraStates(settings, city.stores, city.clock).refresh()
    with reading(city.stores.core) as session:
        assert session.get_one(Camera, camera_id).tls_sha256 is None


def test_a_camera_is_as_well_as_the_worst_of_its_streams(city, settings):
    camera_id = city.cameras[STATION]

    def report(main, sub, cause=None):
        seen = {"codec": "h264", "width": 1920, "height": 1080}
        streams = [
            {"camera_id": camera_id, "stream": "main", "state": main, "cause": None, **seen},
            {"camera_id": camera_id, "stream": "sub", "state": sub, "cause": cause, **seen},
        ]
        (settings.run_dir / "recorder-0.status.json").write_text(
            json.dumps({"time_us": city.clock.now_us(), "streams": streams})
        )

    carried = CameraStates(settings, city.stores, city.clock)
    for main, sub, worst in [("connecting", "connecting", "connecting"), ("recording", "silent", "silent")]:
        report(main, sub, f"why {sub}")
        carried.refresh()
        with reading(city.stores.core) as session:
            shown = states.directory(session, Scope([city.centers[STATION]]))[0]
            assert (shown["state"], shown["cause"]) == (worst, f"why {sub}")
    (settings.run_dir / "recorder-0.status.json").write_text("{ torn")
    carried.refresh()
