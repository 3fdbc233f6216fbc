"""100 cameras are probed in full, beside onvif-zeep and onvif-zeep-async; then 1,000, whose memory must stay flat.

    python -m benchmarks.onvif --cameras 100 --many 1000 --async-python /path/to/python

Each client is a process of its own and asks the same device, which is another one. onvif-zeep-async would take the
place of onvif-zeep in one environment, so it needs an interpreter of its own where it is installed; without one it is
left out.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import subprocess
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

ROOT = Path(__file__).parents[1]
CPU_GOAL, MEMORY_GOAL = 10, 20  # times less than onvif-zeep
GROWTH_GOAL_BYTES = 16 << 10  # a camera, beyond the first hundred: what is kept of it


@dataclass(frozen=True)
class Figures:
    bytes: int
    cpu_s: float
    wall_s: float


def serve(pipe: Connection) -> None:
    from simulator.onvif_device.server import OnvifDevice

    with OnvifDevice() as device:
        pipe.send(int(device.authority.rpartition(":")[2]))
        pipe.recv()


def measure(client: str, port: int, count: int, python: str = sys.executable) -> Figures:
    command = [python, "-m", "benchmarks._onvif_peer", client, str(port), str(count)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return Figures(**json.loads(done.stdout.splitlines()[-1]))


def tell(name: str, count: int, found: Figures) -> None:
    each = f"{1000 * found.cpu_s / count:.1f} ms CPU and {found.bytes / count / 1024:,.0f} KiB a camera"
    print(f"{name:<18} {count:>5} cameras: {found.cpu_s:.2f} s CPU, {found.bytes / (1 << 20):,.0f} MiB; {each}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=100)
    parser.add_argument("--many", type=int, default=1000)
    parser.add_argument("--async-python", help="interpreter of an environment with onvif-zeep-async")
    asked = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=serve, args=(theirs,))
    server.start()
    port = ours.recv()
    try:
        return compare(port, asked)
    finally:
        ours.send(None)
        server.join()


def compare(port: int, asked: argparse.Namespace) -> int:
    own = measure("vedette", port, asked.cameras)
    tell("Vedette", asked.cameras, own)
    peer = measure("onvif-zeep", port, asked.cameras)
    tell("onvif-zeep", asked.cameras, peer)
    if asked.async_python:
        tell("onvif-zeep-async", asked.cameras, measure("onvif-zeep-async", port, asked.cameras, asked.async_python))
    many = measure("vedette", port, asked.many)
    tell("Vedette", asked.many, many)
    cpu, memory = peer.cpu_s / own.cpu_s, peer.bytes / own.bytes
    growth = (many.bytes - own.bytes) / (asked.many - asked.cameras)
    print(f"less CPU than onvif-zeep     {cpu:.0f} times (goal {CPU_GOAL})")
    print(f"less memory than onvif-zeep  {memory:.0f} times (goal {MEMORY_GOAL})")
    print(f"memory of each camera more   {growth / 1024:.1f} KiB (goal {GROWTH_GOAL_BYTES >> 10})")
    return 0 if cpu >= CPU_GOAL and memory >= MEMORY_GOAL and growth <= GROWTH_GOAL_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
