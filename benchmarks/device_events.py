"""The events of 1,000 devices are followed in one process: by tasks, as the product does, and by a thread a device.

    python -m benchmarks.device_events --devices 1000 --every 10 --seconds 60

The devices are another process; each tells that something moved every so many seconds. Each way is one too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST_THREADS = 64


def measure(how: str, port: str, asked: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks._event_peers", how, port, str(asked.devices), str(asked.seconds)]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    found: dict[str, float] = {}
    for line in process.stdout:
        if line.startswith("{"):
            found = json.loads(line)
            break
    process.kill()  # its threads wait for their devices
    process.communicate()
    return found


def tell(how: str, found: dict[str, float]) -> None:
    print(
        f"{how:<8} {found['threads']:>5.0f} threads, {found['bytes'] / (1 << 20):.0f} MiB, "
        f"{100 * found['cpu_share']:.1f} % of a core at {found['readings_per_s']:.0f} answers/s; "
        f"all followed after {found['up_s']:.0f} s and {found['up_cpu_s']:.1f} s of CPU"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two events of a device")
    parser.add_argument("--seconds", type=float, default=60.0)
    asked = parser.parse_args()
    command = [sys.executable, "-m", "benchmarks._event_devices", str(asked.every)]
    devices = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert devices.stdout is not None
    port = devices.stdout.readline().strip()
    try:
        tasks = measure("tasks", port, asked)
        tell("tasks", tasks)
        tell("threads", measure("threads", port, asked))
    finally:
        devices.kill()
        devices.communicate()
    return 0 if tasks["threads"] <= MOST_THREADS else 1


if __name__ == "__main__":
    sys.exit(main())
