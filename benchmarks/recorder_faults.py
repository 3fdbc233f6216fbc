"""A fifth of the cameras is dead, mute, hung or flapping: what the healthy ones lose by it, and whether memory grows.

    python -m benchmarks.recorder_faults --cameras 40 --warm-up 100 --seconds 140

`vedette record` records one file of 3 Mbit/s on all cameras. That nothing of the healthy ones was lost is told by three
things: there is no gap, each picture on the disk follows the one before by 1/25 s, and their number lies between what
the camera had sent a second before the end and what it had sent at the end. Memory is the proportional set size of all
processes; its slope is that of the line of least squares after the warm-up, in which the first segments end.
"""

from __future__ import annotations

import argparse
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks._camera_load import CameraServer, make_file
from benchmarks._flapping import flapping
from ingest.footage.mp4_reader import read_init
from ingest.playback.fragment_heads import fragment_heads
from ingest.standalone.usage import process_tree, pss_bytes

GOAL_MIB_A_MINUTE = 1.0
MIB = 1 << 20
TICKS_PER_PICTURE = 3_600
SAMPLE_S = 2.0
FAULTS = ("mute=mute", "hang=hang:3")


def faulty_urls(server: CameraServer, bad_line: int, count: int) -> list[str]:
    kinds = ["rtsp://127.0.0.1:1/dead", server.url("mute"), f"rtsp://127.0.0.1:{bad_line}/flapping", server.url("hang")]
    return [kinds[n % len(kinds)] for n in range(count)]


def slope_mib_a_minute(samples: list[tuple[float, int]]) -> float:
    seconds, sizes = zip(*samples, strict=True)
    return 60 * statistics.linear_regression(seconds, sizes).slope / MIB


def uneven(folder: Path) -> int:
    """Pictures that do not follow the one before by the length of one."""
    count = 0
    for file in sorted(folder.rglob("*.mp4")):
        with file.open("rb") as opened:
            durations = [
                sample.duration for head in fragment_heads(opened, len(read_init(opened))) for sample in head.samples
            ]
        count += sum(abs(duration - TICKS_PER_PICTURE) > TICKS_PER_PICTURE // 10 for duration in durations)
    return count


def record(server: CameraServer, urls: list[str], folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    sources = folder / "sources.txt"
    sources.write_text("".join(f"{url}\n" for url in urls))
    command = ["record", "--sources", str(sources), "--out", str(folder / "out"), "--duration", "86400", "--json"]
    child = subprocess.Popen(
        [sys.executable, "-m", "control_center.cli", *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        time.sleep(options.warm_up)
        samples, end = [], time.monotonic() + options.seconds
        while time.monotonic() < end:
            samples.append((time.monotonic(), sum(map(pss_bytes, process_tree(child.pid)))))
            time.sleep(SAMPLE_S)
        sent_before = server.sent().paths["load"].access_units
        time.sleep(1)
        child.send_signal(signal.SIGINT)
        result: dict[str, Any] = json.loads(child.communicate(timeout=120)[0])
        sent_after = server.sent().paths["load"]
    finally:
        child.kill()
        child.wait()
    return result | {"samples": samples, "sent": (sent_before, sent_after.access_units), "skipped": sent_after.skipped}


def tell(result: dict[str, Any], healthy: int, out: Path) -> bool:
    good, bad = result["streams"][:healthy], result["streams"][healthy:]
    units, gaps = sum(one["access_units"] for one in good), sum(one["gaps"] for one in good)
    odd = sum(uneven(out / one["folder"]) for one in good)
    slope = slope_mib_a_minute(result["samples"])
    least, most = result["sent"]
    is_whole = gaps == 0 and odd == 0 and least <= units <= most
    print(f"cameras, of them faulty     {len(result['streams'])}, {len(bad)}")
    print(f"gaps of the healthy ones    {gaps} (goal 0)")
    print(f"pictures out of step        {odd} of {units} (goal 0)")
    print(f"access units on the disk    {units}, sent {least} to {most}; skipped by the camera {result['skipped']}")
    print(f"gaps of the faulty ones     {sum(one['gaps'] for one in bad)}")
    print(f"CPU                         {result['cpu_s']:.1f} s")
    print(f"memory at the end           {result['samples'][-1][1] / MIB:.1f} MiB")
    print(f"memory's slope              {slope:.2f} MiB a minute (goal below {GOAL_MIB_A_MINUTE})")
    return is_whole and slope < GOAL_MIB_A_MINUTE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=40)
    parser.add_argument("--warm-up", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=140)
    options = parser.parse_args()
    healthy = options.cameras - options.cameras // 5
    with tempfile.TemporaryDirectory(prefix="v-") as name:
        file = Path(name) / "load.mp4"
        make_file(file)
        server = CameraServer(file, "load", "mute", "hang", "flapping", faults=FAULTS)
        try:
            with flapping(server.port) as bad_line:
                urls = [server.url()] * healthy + faulty_urls(server, bad_line, options.cameras - healthy)
                result = record(server, urls, Path(name), options)
        finally:
            server.end()
        good = tell(result, healthy, Path(name) / "out")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
