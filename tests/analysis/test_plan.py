from __future__ import annotations

import json
from pathlib import Path

from analysis.plan import PlanFile


def _stream(camera: str, stream: str, recorder: int = 0) -> dict[str, object]:
    return {"recorder": recorder, "center_id": "center-1", "camera_id": camera, "stream": stream}


def _write(folder: Path, streams: list[dict[str, object]]) -> None:
    (folder / "assignments.json.new").write_text(json.dumps({"generation": 1, "streams": streams}))
    (folder / "assignments.json.new").rename(folder / "assignments.json")


def test_streams_are_gathered_by_camera(tmp_path: Path) -> None:
    _write(tmp_path, [_stream("b", "main", 1), _stream("a", "main"), _stream("b", "sub", 0)])
    plans = PlanFile(tmp_path, 0, 1).read_if_changed()
    assert plans is not None
    assert [(plan.camera_id, plan.center_id, plan.recorders) for plan in plans] == [
        ("a", "center-1", (("main", 0),)),
        ("b", "center-1", (("main", 1), ("sub", 0))),
    ]


def test_cameras_fall_to_the_processes_in_turn(tmp_path: Path) -> None:
    _write(tmp_path, [_stream(name, "main") for name in "abcde"])
    shares = [PlanFile(tmp_path, index, 2).read_if_changed() or [] for index in range(2)]
    assert [[plan.camera_id for plan in share] for share in shares] == [["a", "c", "e"], ["b", "d"]]


def test_only_a_change_is_read(tmp_path: Path) -> None:
    plan_file = PlanFile(tmp_path, 0, 1)
    assert plan_file.read_if_changed() is None
    _write(tmp_path, [_stream("a", "main")])
    assert len(plan_file.read_if_changed() or []) == 1
    assert plan_file.read_if_changed() is None
    _write(tmp_path, [])
    assert plan_file.read_if_changed() == []


def test_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    plan_file = PlanFile(tmp_path, 0, 1)
    for text in ("{", "[]", '{"streams": [{}]}'):
        (tmp_path / "assignments.json").write_text(text)
        assert plan_file.read_if_changed() is None
