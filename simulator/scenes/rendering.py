"""From a kind of scene to its files and its truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import cv2

from foundation.errors import InvalidInput
from simulator.plates import PlateSpec
from simulator.scenes.encoding import FPS, Encoder, whole_file
from simulator.scenes.picture import Picture
from simulator.scenes.stage import FRAME_US, HEIGHT, SUB_HEIGHT, SUB_WIDTH, WIDTH, Scene
from simulator.scenes.tamper import TamperScene
from simulator.scenes.truth import SceneTruth
from simulator.scenes.vehicles import VehiclesScene
from simulator.scenes.walkers import WalkersScene

KINDS = ("vehicles", "walkers", "left_object", "tamper")
_MIN_S, _MAX_S = 2.0, 600.0


def render(
    kind: str,
    out: Path,
    sub: Path | None = None,
    *,
    seconds: float = 24.0,
    seed: int = 1,
    night: bool = False,
    plates: Sequence[PlateSpec] | None = None,
    progress: Callable[[float], None] | None = None,
) -> SceneTruth:
    """Write the main stream, and the sub stream when named; `progress` is told the fraction done."""
    if not _MIN_S <= seconds <= _MAX_S:
        raise InvalidInput(f"{seconds:g} s is not between {_MIN_S:g} and {_MAX_S:g} s.", where="--seconds")
    scene = _scene(kind, seconds, seed, night, plates)
    frames = round(seconds * FPS)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        _encode(scene, frames, out, sub, progress or (lambda _fraction: None))
    finally:
        cv2.setNumThreads(threads)
    return SceneTruth(
        kind=kind,
        seed=seed,
        night=night,
        fps=FPS,
        frames=frames,
        duration_us=frames * FRAME_US,
        width=WIDTH,
        height=HEIGHT,
        sub_width=SUB_WIDTH,
        sub_height=SUB_HEIGHT,
        camera=scene.camera,
        lines=scene.lines,
        zones=scene.zones,
        objects=scene.objects(),
        tampers=scene.tampers(),
    )


def _scene(kind: str, seconds: float, seed: int, night: bool, plates: Sequence[PlateSpec] | None) -> Scene:
    match kind:
        case "vehicles":
            return VehiclesScene(seconds=seconds, seed=seed, night=night, plates=plates)
        case "walkers" | "left_object":
            return WalkersScene(seconds=seconds, seed=seed, night=night, bag=kind == "left_object")
        case "tamper":
            return TamperScene(seconds=seconds, seed=seed, night=night, plates=plates)
    raise InvalidInput(f"there is no scene {kind!r}.", where="scene", mend=f"Choose one of {', '.join(KINDS)}.")


def _encode(scene: Scene, frames: int, out: Path, sub: Path | None, progress: Callable[[float], None]) -> None:
    with ExitStack() as files:
        main_encoder = Encoder(files.enter_context(whole_file(out)), WIDTH, HEIGHT)
        files.callback(main_encoder.close)
        sub_encoder = Encoder(files.enter_context(whole_file(sub)), SUB_WIDTH, SUB_HEIGHT) if sub else None
        if sub_encoder:
            files.callback(sub_encoder.close)
        small = Picture(SUB_WIDTH, SUB_HEIGHT)
        for number in range(frames):
            picture, changed = scene.frame(number * FRAME_US)
            main_encoder.write(picture)
            if sub_encoder:
                picture.shrink_into(small, changed if number else None)
                sub_encoder.write(small)
            progress((number + 1) / frames)
        main_encoder.finish()
        if sub_encoder:
            sub_encoder.finish()
