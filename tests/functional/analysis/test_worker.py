from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from analysis.observations import Observation, ObservationWriter, read_after
from analysis.worker import AnalysisWorker
from foundation.clock import SYSTEM_CLOCK
from foundation.database import ObservationsBase, open_engine, reading
from foundation.nal import is_parameter_set, length_prefixed
from foundation.settings import Settings
from ingest.access_unit import AccessUnit, CodecParameters
from ingest.recorder.tap_server import TapServer
from simulator.scenes import SceneTruth, render
from simulator.virtual_camera.media import Media, MediaUnit, load_media

pytestmark = pytest.mark.functional

PATIENCE_S = 60.0
CAMERA = "camera-1"
Streams = dict[str, Media]


@dataclass(frozen=True)
class Scene:
    main: Media
    sub: Media
    truth: SceneTruth


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("scene")
    truth = render("vehicles", folder / "main.mp4", folder / "sub.mp4", seconds=6, seed=3)
    return Scene(load_media(folder / "main.mp4"), load_media(folder / "sub.mp4"), truth)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path)
    settings.run_dir.mkdir()
    engine = open_engine(settings.observations_url)
    ObservationsBase.metadata.create_all(engine)
    engine.dispose()
    return settings


def _assign(settings: Settings, streams: Sequence[tuple[str, str]]) -> None:
    rows = [
        {"recorder": 0, "center_id": "center-1", "camera_id": camera_id, "stream": stream}
        for camera_id, stream in streams
    ]
    new = settings.run_dir / "assignments.new"
    new.write_text(json.dumps({"generation": 1, "streams": rows}))
    new.rename(settings.run_dir / "assignments.json")


@contextmanager
def _recording(settings: Settings, streams: Streams) -> Iterator[None]:
    """A recorder's tap that replays the files in a loop, as they are timed."""
    stop = threading.Event()
    socket = settings.run_dir / "recorder-0.tap"
    thread = threading.Thread(target=lambda: asyncio.run(_replay(socket, streams, stop)))
    thread.start()
    _until(socket.exists)
    try:
        yield
    finally:
        stop.set()
        thread.join()


async def _replay(socket: Path, streams: Streams, stop: threading.Event) -> None:
    server = TapServer(socket)
    await server.start()
    for stream, media in streams.items():
        parameters = CodecParameters(media.codec, media.parameter_sets, media.width, media.height, "")
        server.parameters((CAMERA, stream), parameters)
    units = sorted(
        ((unit.dts, stream, unit) for stream, media in streams.items() for unit in media.units),
        key=lambda one: one[0],
    )
    duration = max(media.duration for media in streams.values())
    began = time.monotonic()
    loop = 0
    while not stop.is_set():
        for dts, stream, unit in units:
            at_s = (loop * duration + dts) / 90_000
            await asyncio.sleep(max(began + at_s - time.monotonic(), 0))
            if stop.is_set():
                break
            server.unit((CAMERA, stream), _access_unit(streams[stream], unit, loop * duration))
        loop += 1
    await server.close()


def _access_unit(media: Media, unit: MediaUnit, offset: int) -> AccessUnit:
    data = length_prefixed(nal for nal in unit.nal_units if not is_parameter_set(media.codec, nal))
    return AccessUnit(SYSTEM_CLOCK.now_us(), offset + unit.pts, unit.is_keyframe, False, data)


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "nothing happened in time"
        time.sleep(0.1)


def _pictures(stream: str) -> float:
    return REGISTRY.get_sample_value("vedette_analysis_pictures_total", {"stream": stream}) or 0.0


def _observed(settings: Settings, kind: str) -> list[Observation]:
    engine = open_engine(settings.observations_url)
    try:
        with reading(engine) as session:
            return [row for row in read_after(session, 0) if row.kind == kind]
    finally:
        engine.dispose()


@contextmanager
def _working(settings: Settings) -> Iterator[AnalysisWorker]:
    engine = open_engine(settings.observations_url, synchronous="NORMAL")
    writer = ObservationWriter(engine, "node-1")
    writer.start()
    worker = AnalysisWorker(settings, 0, writer, SYSTEM_CLOCK)
    worker.tick()
    try:
        yield worker
    finally:
        worker.close()
        writer.close()
        engine.dispose()


@pytest.mark.long
def test_plates_and_motion_arrive_in_the_store(settings: Settings, scene: Scene) -> None:
    truth = {one.plate for one in scene.truth.objects if one.plate}
    _assign(settings, [(CAMERA, "main"), (CAMERA, "sub")])
    with _recording(settings, {"main": scene.main, "sub": scene.sub}), _working(settings):
        _until(lambda: {row.detail["plate"] for row in _observed(settings, "plate_read")} == truth)
    reads = _observed(settings, "plate_read")
    assert {row.detail["plate"] for row in reads} == truth
    for row in reads:
        assert (row.center_id, row.node, row.camera_id) == ("center-1", "node-1", CAMERA)
        assert row.detail["reads"] >= 3
        assert abs(row.created_us - row.end_us) < 30_000_000
    assert _observed(settings, "motion")


@pytest.mark.long
def test_it_subscribes_again_when_the_recorder_comes_back(settings: Settings, scene: Scene) -> None:
    _assign(settings, [(CAMERA, "sub")])
    with _working(settings) as worker:
        for expected in (1, 2):
            pictures = _pictures("sub")
            with _recording(settings, {"sub": scene.sub}):
                _until(lambda before=pictures: _pictures("sub") > before + 100)
            _until(lambda wanted=expected: len(_observed(settings, "motion")) == wanted)  # closed by the tap's end
            worker.tick()


@pytest.mark.long
def test_a_camera_without_a_sub_stream_shows_motion_in_the_main_one(settings: Settings, scene: Scene) -> None:
    _assign(settings, [(CAMERA, "main")])
    with _recording(settings, {"main": scene.main}), _working(settings):
        _until(lambda: _observed(settings, "plate_read"))


def test_cameras_come_and_go_with_the_assignments(settings: Settings) -> None:
    with _working(settings) as worker:
        before = threading.active_count()
        for cameras in (["a"], ["a", "b", "c"], ["c"], []):
            _assign(settings, [(camera, "sub") for camera in cameras])
            worker.tick()
            assert threading.active_count() - before == 2 * len(cameras)


def test_the_process_ends_cleanly_when_told(settings: Settings, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from foundation.settings import Settings; "
        "from analysis.worker import run_analysis; run_analysis(Settings(data_dir=Path(sys.argv[1])), 0)"
    )
    _assign(settings, [("a", "main"), ("a", "sub")])
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = iter(process.stdout)
        assert any("assignments_followed" in line for line in lines)
        process.send_signal(signal.SIGTERM)
        rest = "".join(lines)
        assert process.wait(PATIENCE_S) == 0, rest
    assert "analysis_ended" in rest
    assert "Traceback" not in rest
