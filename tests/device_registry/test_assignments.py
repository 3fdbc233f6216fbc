from __future__ import annotations

import json
import stat
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from device_registry import assignments, cameras, credentials
from device_registry.camera_fields import CameraFields
from device_registry.models import Camera
from foundation.clock import ManualClock
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.settings import Settings

DISKS = [Path("/disks/0"), Path("/disks/1"), Path("/disks/2")]


@pytest.fixture
def save(session: Session, keyring: Keyring, clock: ManualClock, origin: Origin):
    def save(fields: CameraFields) -> str:
        return cameras.save(session, keyring, clock, origin, fields, actor="cli:test").camera.id

    return save


def gate(number: int) -> CameraFields:
    return CameraFields(
        code=f"C{number}",
        name=f"Gate {number}",
        main_url=f"rtsp://viewer:hunter2@10.0.0.{number}/main",
        sub_url=f"rtsp://10.0.0.{number}/sub",
    )


def test_a_stream_is_all_that_its_recorder_needs(save, session: Session, keyring: Keyring, origin: Origin) -> None:
    camera_id = save(gate(1))
    built = assignments.build(session, node=origin.node, recorders=1, disks=DISKS[:1])
    main, sub = built["streams"]
    sealed = main.pop("password")
    assert main == {
        "recorder": 0,
        "center_id": origin.center_id,
        "camera_id": camera_id,
        "camera_code": "C1",
        "stream": "main",
        "url": "rtsp://10.0.0.1/main",
        "username": "viewer",
        "fence": 1,
        "disks": ["/disks/0"],
        "transport": "tcp",
        "tls_sha256": None,
        "audio": False,
        "retention_days": None,
        "retention_bytes": None,
    }
    assert keyring.unseal(sealed, credentials.PURPOSE) == b"hunter2"
    assert (sub["stream"], sub["password"]) == ("sub", sealed)


def test_the_disks_are_those_of_the_recorder_the_preferred_one_first(save, session: Session, origin: Origin) -> None:
    for number in range(1, 13):
        save(gate(number))
    disks = [Path(f"/disks/{n}") for n in range(6)]
    built = assignments.build(session, node=origin.node, recorders=2, disks=disks)
    followers: set[tuple[str, str]] = set()
    for stream in built["streams"]:
        assert sorted(stream["disks"]) == [f"/disks/{n}" for n in range(6) if n % 2 == stream["recorder"]]
        followers.add(tuple(stream["disks"][:2]))
    assert len(followers) > 6  # the streams of one disk have different second choices
    assert {(stream["recorder"], stream["disks"][0]) for stream in built["streams"]} == {
        (n % 2, f"/disks/{n}") for n in range(6)
    }


def test_what_a_camera_asks_for_reaches_its_recorder(save, session: Session, origin: Origin) -> None:
    recorded, disabled = save(gate(1)), save(replace(gate(2), disabled=True))
    save(replace(gate(3), disabled=True))
    for camera_id, days, size in ((recorded, 7.0, 5_000), (disabled, 90.0, None)):
        camera = session.get_one(Camera, camera_id)
        camera.transport, camera.audio_purpose, camera.retention_days, camera.retention_bytes = (
            "udp",
            "desk",
            days,
            size,
        )
    built = assignments.build(session, node=origin.node, recorders=1, disks=DISKS)
    assert [
        (one["stream"], one["transport"], one["audio"], one["retention_days"], one["retention_bytes"])
        for one in built["streams"]
    ] == [("main", "udp", True, 7.0, 5_000), ("sub", "udp", False, 7.0, 5_000)]
    assert built["keep"] == [{"camera_id": disabled, "retention_days": 90.0, "retention_bytes": None}]


def test_disabled_cameras_and_those_of_other_nodes_are_left_out(save, session: Session, origin: Origin) -> None:
    save(gate(1))
    save(replace(gate(2), disabled=True))
    built = assignments.build(session, node=origin.node, recorders=1, disks=DISKS)
    assert {stream["camera_code"] for stream in built["streams"]} == {"C1"}
    assert assignments.build(session, node="another", recorders=1, disks=DISKS)["streams"] == []


def test_with_leases_only_streams_whose_lease_is_held_are_handed_out(save, session: Session, origin: Origin) -> None:
    camera_id = save(gate(1))
    built = assignments.build(session, node=origin.node, recorders=1, disks=DISKS, fences={(camera_id, "sub"): 7})
    assert [(stream["stream"], stream["fence"]) for stream in built["streams"]] == [("sub", 7)]


def test_the_generation_rises_only_when_something_differs(save, session: Session, origin: Origin) -> None:
    def build(previous: assignments.Assignments | None) -> assignments.Assignments:
        return assignments.build(session, node=origin.node, recorders=2, disks=DISKS, previous=previous)

    save(gate(1))
    first = build(None)
    assert build(first) == first
    save(gate(2))
    assert build(first)["generation"] == first["generation"] + 1


def test_the_file_is_written_whole_private_and_only_when_needed(save, session: Session, settings: Settings) -> None:
    save(gate(1))
    written = assignments.refresh(session, settings)
    file = settings.run_dir / "assignments.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text()) == written == assignments.read(settings.run_dir)
    assert "hunter2" not in file.read_text()
    inode = file.stat().st_ino
    assignments.refresh(session, settings)
    assert file.stat().st_ino == inode
    assert [path.name for path in settings.run_dir.iterdir()] == ["assignments.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"generation": 1}'])
def test_an_unreadable_file_is_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "assignments.json").write_text(text)
    assert assignments.read(tmp_path) is None


keys = st.lists(
    st.tuples(st.integers(0, 40).map(lambda n: f"camera-{n:02}"), st.sampled_from(["main", "sub"])), unique=True
).map(sorted)


@given(keys, keys, st.integers(1, 5), st.integers(0, 2))
def test_streams_stay_on_their_disk_and_new_ones_even_out_the_load(
    before: list[tuple[str, str]], after: list[tuple[str, str]], disk_count: int, more: int
) -> None:
    disks = [f"/disks/{n}" for n in range(disk_count)]
    first = assignments._places(before, disks, None)
    previous = {
        "streams": [{"camera_id": key[0], "stream": key[1], "disks": [disks[place]]} for key, place in first.items()]
    }
    disks += [f"/more/{n}" for n in range(more)]
    second = assignments._places(after, disks, previous)
    assert set(second) == set(after)
    assert all(second[key] == first[key] for key in after if key in first)
    load = Counter(dict.fromkeys(range(disk_count), 0))
    for key, place in first.items():
        load[place] += assignments._WEIGHT[key[1]]
    assert max(load.values()) - min(load.values()) <= 8
