"""What recording a camera costs, beside other ways to do it: CPU time and memory a camera, streams a core.

    python -m benchmarks.recorder --cameras 60 --rounds 2 --seconds 10
    python -m benchmarks.recorder --only vedette,floor --whole-pictures

Every way records the same 1080p25 H.264 of 3 Mbit/s over RTSP and TCP from one virtual camera, which runs in a process
of its own and is not counted; the ways take turns. Each packet is sent by itself, as it comes over a network; who wakes
for each pays for it. With `--whole-pictures` all packets of a picture come at once, which no network does, and which is
the best case of those. CPU time is user and system time of all processes of a way, over
the seconds after it has settled, its start left out. Memory is the proportional set size at the end: of n cameras, less
that of one camera, over n - 1; what one camera takes is the base.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks._camera_load import CameraServer, make_file
from ingest.standalone.usage import process_tree, pss_bytes

GOAL_CPU, GOAL_MEMORY = 5, 10  # times less than ffmpeg
SETTLE_S = 6.0
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
MIB = 1 << 20

Start = Callable[[str, int, Path], list[subprocess.Popen[bytes]]]


def vedette(url: str, count: int, folder: Path) -> list[subprocess.Popen[bytes]]:
    sources = folder / "sources.txt"
    sources.write_text(f"{url}\n" * count)
    command = ["record", "--sources", str(sources), "--out", str(folder / "out"), "--duration", "3600", "--json"]
    return [started([sys.executable, "-m", "control_center.cli", *command])]


def ffmpeg(url: str, count: int, folder: Path) -> list[subprocess.Popen[bytes]]:
    take = ["ffmpeg", "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", url, "-c", "copy"]
    cut = ["-f", "segment", "-segment_time", "60", "-reset_timestamps", "1"]
    return [started([*take, *cut, str(folder / f"{n}-%d.mp4")]) for n in range(count)]


def pyav(url: str, count: int, folder: Path) -> list[subprocess.Popen[bytes]]:
    return [started([sys.executable, "-m", "benchmarks._recorder_peers", "pyav", url, str(count), str(folder)])]


def floor(url: str, count: int, folder: Path) -> list[subprocess.Popen[bytes]]:
    return [started([sys.executable, "-m", "benchmarks._recorder_peers", "floor", url, str(count), str(folder)])]


WAYS: dict[str, Start] = {"vedette": vedette, "ffmpeg": ffmpeg, "pyav": pyav, "floor": floor}
TITLES = {
    "vedette": "Vedette",
    "ffmpeg": "ffmpeg, a process a camera",
    "pyav": "PyAV, a thread a camera",
    "floor": "floor: receive and write",
}


def started(command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@dataclass(frozen=True)
class Taken:
    percent: float  # of a core, all cameras together
    pss_bytes: int


def measure(start: Start, server: CameraServer, cameras: int, seconds: float) -> Taken:
    with tempfile.TemporaryDirectory() as name:
        children = start(server.url(), cameras, Path(name))
        try:
            await_players(server, cameras)
            time.sleep(SETTLE_S)
            before, begun, sent_before = cpu_s(children), time.monotonic(), server.sent().paths["load"]
            time.sleep(seconds)
            spent, wall_s, sent = cpu_s(children) - before, time.monotonic() - begun, server.sent().paths["load"]
            memory = sum(pss_bytes(pid) for child in children for pid in process_tree(child.pid))
        finally:
            end(children)
    if sent.playing < cameras or sent.skipped > sent_before.skipped:
        raise SystemExit(f"{sent.playing} of {cameras} cameras played, and {sent.skipped} access units were skipped.")
    return Taken(100 * spent / wall_s, memory)


def await_players(server: CameraServer, cameras: int) -> None:
    deadline = time.monotonic() + 60
    while server.sent().paths["load"].playing < cameras:
        if time.monotonic() > deadline:
            raise SystemExit(f"only {server.sent().paths['load'].playing} of {cameras} cameras are recorded")
        time.sleep(0.2)


def cpu_s(children: Sequence[subprocess.Popen[bytes]]) -> float:
    return sum(_cpu_ticks(pid) for child in children for pid in process_tree(child.pid)) / TICKS_PER_S


def _cpu_ticks(pid: int) -> int:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])  # utime, stime
    return 0


def end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.send_signal(signal.SIGINT if child.args[0] == "ffmpeg" else signal.SIGTERM)  # type: ignore[index]
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(30)
        child.kill()
        child.wait()


@dataclass(frozen=True)
class Cost:
    percent: float  # of a core for each camera
    bytes_each: float
    base_bytes: int  # with one camera


def cost(name: str, one: Taken, many: Sequence[Taken], cameras: int) -> Cost:
    percent = statistics.median(taken.percent for taken in many) / cameras
    memory = statistics.median(taken.pss_bytes for taken in many)
    if name == "ffmpeg":  # each of its processes is one camera
        return Cost(percent, memory / cameras, one.pss_bytes)
    return Cost(percent, (memory - one.pss_bytes) / max(1, cameras - 1), one.pss_bytes)


def compare(names: Sequence[str], options: argparse.Namespace) -> dict[str, Cost]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "load.mp4"
        bit_rate = make_file(file)
        server = CameraServer(file, packets_apart=not options.whole_pictures)
        print(
            f"{options.cameras} cameras, {bit_rate / 1e6:.2f} Mbit/s, {options.rounds} rounds of {options.seconds:g} s"
        )
        try:
            base = {name: measure(WAYS[name], server, 1, 1) for name in names}
            rounds = [
                {name: measure(WAYS[name], server, options.cameras, options.seconds) for name in names}
                for _ in range(options.rounds)
            ]
        finally:
            server.end()
    return {name: cost(name, base[name], [one[name] for one in rounds], options.cameras) for name in names}


def tell(costs: dict[str, Cost]) -> bool:
    print(f"{'':<28}{'% of a core':>12}{'streams a core':>16}{'× floor':>9}{'MiB a camera':>14}{'base MiB':>10}")
    for name, one in costs.items():
        times = f"{one.percent / costs['floor'].percent:.1f}" if "floor" in costs else ""
        print(
            f"{TITLES[name]:<28}{one.percent:>12.3f}{100 / one.percent:>16.0f}{times:>9}"
            f"{one.bytes_each / MIB:>14.2f}{one.base_bytes / MIB:>10.1f}"
        )
    if not {"vedette", "ffmpeg"} <= costs.keys():
        return True
    less_cpu = costs["ffmpeg"].percent / costs["vedette"].percent
    less_memory = costs["ffmpeg"].bytes_each / costs["vedette"].bytes_each
    print(f"less CPU than ffmpeg        {less_cpu:.1f} × (goal {GOAL_CPU} ×)")
    print(f"less memory than ffmpeg     {less_memory:.1f} × (goal {GOAL_MEMORY} ×)")
    return less_cpu >= GOAL_CPU and less_memory >= GOAL_MEMORY


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=12)
    parser.add_argument("--whole-pictures", action="store_true", help="the camera sends a picture's packets at once")
    parser.add_argument("--only", help=f"some of {','.join(WAYS)}", default=",".join(WAYS))
    options = parser.parse_args()
    names = options.only.split(",")
    if "ffmpeg" in names and shutil.which("ffmpeg") is None:
        raise SystemExit("ffmpeg is not installed: apt-get install ffmpeg, or run tools/test_system.sh")
    sys.exit(0 if tell(compare(names, options)) else 1)


if __name__ == "__main__":
    main()
