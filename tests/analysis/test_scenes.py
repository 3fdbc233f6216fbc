from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from analysis import commands
from analysis.camera import CameraAnalysis
from analysis.motion import MotionObservation
from analysis.plates.watcher import PlateRead
from analysis.video_file import frames
from simulator.scenes import render


def _analyse(main: Path, sub: Path) -> tuple[list[MotionObservation], list[PlateRead]]:
    camera = CameraAnalysis(plates=True)
    motions, reads = [], []
    for small, large in zip(frames(sub), frames(main), strict=True):
        motions.append(camera.see_small(small))
        reads += camera.see_large(large) if camera.wants_plates else camera.end_plates()
    last, rest = camera.end()
    return [motion for motion in (*motions, last) if motion is not None], [*reads, *rest]


@pytest.mark.long
@pytest.mark.parametrize(("seed", "night"), [(3, False), (12, True), pytest.param(15, False, marks=pytest.mark.full)])
def test_every_passage_is_read_once_and_right(tmp_path: Path, seed: int, night: bool) -> None:
    main, sub = tmp_path / "main.mp4", tmp_path / "sub.mp4"
    truth = render("vehicles", main, sub, seconds=24, seed=seed, night=night)
    motions, reads = _analyse(main, sub)
    assert motions
    assert sorted(read.plate for read in reads) == sorted(one.plate for one in truth.objects if one.plate)
    by_plate = {one.plate: one for one in truth.objects}
    for read in reads:
        one = by_plate[read.plate]
        assert read.colour == one.plate_colour
        assert read.direction in (one.direction, None)
        assert one.start_us <= read.start_us < read.end_us <= one.end_us
        assert 0 < read.box[2] < 0.2


@pytest.mark.long
@pytest.mark.parametrize("kind", ["walkers", "left_object"])
def test_scenes_without_vehicles_have_motion_and_no_plates(tmp_path: Path, kind: str) -> None:
    main, sub = tmp_path / "main.mp4", tmp_path / "sub.mp4"
    render(kind, main, sub, seconds=12, seed=5)
    motions, reads = _analyse(main, sub)
    assert motions
    assert reads == []


@pytest.mark.long
def test_the_command_prints_what_it_finds(tmp_path: Path) -> None:
    main = tmp_path / "road.mp4"
    truth = render("vehicles", main, None, seconds=8, seed=1)
    app = typer.Typer()
    app.callback()(lambda: None)
    commands.register(app)
    result = CliRunner().invoke(app, ["analyse", str(main), "--json"])
    assert result.exit_code == 0, result.output
    found = [json.loads(line) for line in result.stdout.splitlines()]
    plates = {one["detail"]["plate"] for one in found if one["kind"] == "plate_read"}
    assert plates == {one.plate for one in truth.objects if one.plate}
    assert any(one["kind"] == "motion" for one in found)
    assert all(set(one) == {"file", "kind", "start_us", "end_us", "detail"} for one in found)
