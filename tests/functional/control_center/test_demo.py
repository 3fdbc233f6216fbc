"""The main job as a whole: `vedette demo --check` on scenes and on real footage, and `vedette demo` for people."""

from __future__ import annotations

import json

import pytest

pytestmark = [pytest.mark.functional, pytest.mark.long]


def check(demo, demo_room, *arguments, **variables):
    command = ("demo", "--check", "--data", str(demo_room / "data"), *arguments)
    done = demo.vedette(*command, cwd=demo_room, timeout=480, **variables)
    assert done.stdout.count("\n") == 1, done.stdout + done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.alone
def test_the_main_job_on_scenes(demo, demo_room):
    code, found = check(demo, demo_room)
    assert (code, found["faults"]) == (0, []), found
    assert found["cameras"] == {"recording": 6}
    assert found["comparisons"] == 24
    assert (found["missed"], found["decoys_alerted"], found["console"]) == (0, 0, True)
    assert found["alerts"]["plate_hit"] == 3
    assert min(found["segments"], found["recorded_s"], found["hits"], found["alerts"]["record_hit"]) > 0
    assert min(found["observations"].values()) > 0
    assert not list(demo_room.glob("check-*")), "the check leaves nothing behind"


@pytest.mark.alone
@pytest.mark.full
@pytest.mark.postgresql
def test_the_main_job_on_postgresql(demo, demo_room, postgresql_url):
    code, found = check(demo, demo_room, VEDETTE_DATABASE_URL=postgresql_url)
    assert (code, found["faults"]) == (0, []), found


@pytest.mark.alone
def test_the_main_job_on_real_footage(demo, demo_room, shared_data):
    names = ("intel_car-detection.mp4", "intel_one-by-one-person-detection.mp4", "bgslib_video02.avi")
    code, found = check(demo, demo_room, "--footage", *(str(shared_data / "video" / name) for name in names))
    assert (code, found["faults"]) == (0, []), found
    assert found["cameras"] == {"recording": 3}
    assert found["observations"]["motion"] > 0


def test_footage_that_is_no_video_is_named(demo, tmp_path):
    (tmp_path / "notes.mp4").write_text("no video")
    for name, words in [("notes.mp4", "no video that can be read"), ("gone.mp4", "no such footage file")]:
        done = demo.vedette("demo", "--data", str(tmp_path / "data"), "--footage", name, cwd=tmp_path)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
        assert name in done.stderr + done.stdout
        assert words in done.stderr + done.stdout
