"""The footage that the virtual cameras replay: scenes rendered once and kept, or the files a person names."""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from control_center.demo.plan import SCENE_S, CameraPlan
from foundation.errors import FileMissing, InvalidInput
from foundation.files import ensure_folder

# Part of each file's name: footage of an older renderer is not taken for the present one's.
RENDERER = 3
_progress: Any = None


@dataclass(frozen=True, slots=True)
class Footage:
    """What one virtual camera replays."""

    main: Path
    sub: Path | None
    truth: Path | None = None


def render_scenes(plans: tuple[CameraPlan, ...], folder: Path, tell: Callable[[float], None]) -> dict[str, Footage]:
    """Every plan's footage by its path; what is there already is not rendered again. `tell` gets the share done."""
    ensure_folder(folder)
    found = {plan.path: _files(plan, folder) for plan in plans}
    todo = [plan for plan in plans if not all(file and file.exists() for file in _all_files(found[plan.path]))]
    context = multiprocessing.get_context("spawn")
    shares = context.Array("d", max(1, len(todo)))
    with ProcessPoolExecutor(2, mp_context=context, initializer=_share_progress, initargs=(shares,)) as pool:
        jobs = [pool.submit(_render, plan, found[plan.path], place) for place, plan in enumerate(todo)]
        try:
            while jobs and not all(job.done() for job in jobs):
                tell(sum(shares[:]) / len(todo))
                _wait_a_little(jobs)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)  # or the scenes still to come would be rendered before it ends
            raise
        for job in jobs:
            job.result()
    tell(1.0)
    return found


def real_footage(files: list[Path], folder: Path, tell: Callable[[float], None]) -> dict[str, Footage]:
    """The named files by path; those in neither H.264 nor H.265 are transcoded once."""
    import av

    footage: dict[str, Footage] = {}
    for done, file in enumerate(files):
        tell(done / len(files))
        if not file.is_file():
            raise FileMissing("no such footage file.", where=str(file), mend="Name an existing video file.")
        path = f"camera-{done + 1}"
        try:
            footage[path] = Footage(main=_playable(file, folder), sub=None)
        except (av.FFmpegError, IndexError) as error:
            raise InvalidInput("this is no video that can be read.", where=str(file), mend="Name another.") from error
    tell(1.0)
    return footage


def _all_files(footage: Footage) -> tuple[Path | None, ...]:
    return footage.main, footage.sub, footage.truth


def _files(plan: CameraPlan, folder: Path) -> Footage:
    content = f"{RENDERER} {plan.kind} {plan.night} {SCENE_S} {plan.plates}"
    name = f"{plan.path}-{hashlib.sha256(content.encode()).hexdigest()[:10]}"
    return Footage(folder / f"{name}.mp4", folder / f"{name}-sub.mp4", folder / f"{name}.json")


def _share_progress(shares: Any) -> None:
    global _progress  # noqa: PLW0603 - a pool's workers have no other place for what they share
    _progress = shares


def _render(plan: CameraPlan, footage: Footage, place: int) -> None:
    from simulator import scenes

    def tell(share: float) -> None:
        _progress[place] = share

    seed = int.from_bytes(hashlib.sha256(plan.path.encode()).digest()[:4], "big")
    truth = scenes.render(
        plan.kind,
        footage.main,
        footage.sub,
        seconds=SCENE_S,
        seed=seed,
        night=plan.night,
        plates=plan.plates or None,
        progress=tell,
    )
    assert footage.truth is not None
    truth.write(footage.truth)


def _wait_a_little(jobs: list[Any]) -> None:
    from concurrent.futures import FIRST_COMPLETED, wait

    wait([job for job in jobs if not job.done()], timeout=0.2, return_when=FIRST_COMPLETED)


def _playable(file: Path, folder: Path) -> Path:
    """The file itself, or its H.264 copy in the folder when a camera could not have sent it."""
    import av

    with av.open(str(file)) as container:
        if container.streams.video[0].codec_context.name in ("h264", "hevc"):
            return file
    stat = file.stat()
    name = hashlib.sha256(f"{file.absolute()} {stat.st_size} {stat.st_mtime_ns}".encode()).hexdigest()[:10]
    copy = ensure_folder(folder) / f"{file.stem}-{name}.mp4"
    if not copy.exists():
        _transcode(file, copy)
    return copy


def _transcode(file: Path, copy: Path) -> None:
    import av

    unfinished = copy.with_suffix(".part.mp4")
    with av.open(str(file)) as source, av.open(str(unfinished), "w") as target:
        video = source.streams.video[0]
        out = target.add_stream("libx264", rate=video.average_rate or 25, options={"preset": "veryfast", "crf": "23"})
        # 4:2:0 has no odd sizes.
        out.width, out.height = video.width // 2 * 2, video.height // 2 * 2
        out.pix_fmt = "yuv420p"
        out.codec_context.gop_size = 25
        out.codec_context.max_b_frames = 0
        for number, frame in enumerate(source.decode(video)):
            picture = frame.reformat(out.width, out.height, "yuv420p")
            picture.pts, picture.time_base = number, 1 / out.codec_context.rate
            target.mux(out.encode(picture))
        target.mux(out.encode(None))
    unfinished.replace(copy)
