"""The process *health* with 1,000 cameras: CPU of a check and of waiting, and memory that must stay flat.

    python -m benchmarks.health --cameras 1000 --rounds 3

All cameras lie on one device of our own, each under a path of its own, so that each counts as a device; the device is
another process. Three runs, each a process of its own: all answer, round after round; all answered once and nothing
happens any more; nothing answers at all.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import socket
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

INTERVAL_S = 300.0  # the setting's default, for which the cost is told
CORE_GOAL = 0.05  # of a core, for all cameras together
GROWTH_GOAL_BYTES = 4 << 20  # from the second round to the last


@dataclass(frozen=True)
class Figures:
    checks: int
    cpu_s: float
    wall_s: float
    first_bytes: int  # after two rounds
    last_bytes: int
    threads: int
    states: dict[str, int]


def serve(pipe: Connection) -> None:
    from simulator.onvif_device.server import OnvifDevice
    from simulator.virtual_camera.digest import Credentials

    with OnvifDevice(credentials=Credentials("admin", "hunter2")) as device:
        pipe.send(int(device.authority.rpartition(":")[2]))
        pipe.recv()


def memory_bytes() -> int:
    text = Path("/proc/self/smaps_rollup").read_text()
    return sum(int(line.split()[1]) << 10 for line in text.splitlines() if line.startswith("Pss:"))


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def watch(pipe: Connection, port: int, cameras: int, rounds: int, interval_s: float) -> None:
    """Rounds of checks, the first two not counted; or, of a long interval, the time that they would have taken."""
    from device_registry.health.process import BUSY_TICK_S, TICK_S, Health

    with tempfile.TemporaryDirectory() as folder:
        health, stores, states = prepared(Path(folder), Health, port, cameras, interval_s)
        done = 0
        begin_s = cpu_begin_s = first_bytes = 0.0
        take = health._schedule.done

        def counted(key: str, now_us: int, *, failed: bool, auth_refused: bool = False) -> None:
            nonlocal done
            done += 1
            take(key, now_us, failed=failed, auth_refused=auth_refused)

        health._schedule.done = counted  # type: ignore[method-assign]
        start_s = time.monotonic()
        is_warm = False
        while True:
            health.tick()
            time.sleep(BUSY_TICK_S if health.is_busy else TICK_S)
            passed_s = time.monotonic() - start_s
            if not is_warm and done >= min(2, rounds) * cameras:
                is_warm, warm_done = True, done
                begin_s, cpu_begin_s, first_bytes = time.monotonic(), cpu_s(), memory_bytes()
            if is_warm and (done >= rounds * cameras and time.monotonic() - begin_s > 30):
                break
            if passed_s > 600:
                sys.exit("the checks do not get done")
        cpu, wall = cpu_s() - cpu_begin_s, time.monotonic() - begin_s
        checks = done - warm_done
        pipe.send(Figures(checks, cpu, wall, int(first_bytes), memory_bytes(), threading.active_count() - 1, states()))
        stores.dispose()


def prepared(folder: Path, kind: type, port: int, cameras: int, interval_s: float):  # type: ignore[no-untyped-def]
    from sqlalchemy import func, select

    from device_registry import centers, credentials
    from device_registry.health.models import CameraHealth
    from device_registry.login import Login
    from device_registry.models import Camera, CameraStream
    from device_registry.states import CameraState
    from foundation.clock import SYSTEM_CLOCK
    from foundation.database import open_stores, reading, transaction
    from foundation.identifiers import new_id
    from foundation.keyring import Keyring
    from foundation.migrations import migrate
    from foundation.settings import Settings

    rules = {"interval_s": interval_s, "network_rate": 1000.0, "worse_after_s": 5.0}
    settings = Settings(data_dir=folder, devices={"allow": ["127.0.0.0/8"]}, health=rules)  # type: ignore[arg-type]
    stores, keyring = open_stores(settings), Keyring.open(settings.key_dir)
    migrate(stores)
    with transaction(stores.core) as session:
        origin = centers.ensure_local(session, settings, SYSTEM_CLOCK)
        for n in range(cameras):
            camera = Camera(
                id=new_id(),
                center_id=origin.center_id,
                node=origin.node,
                code=f"C{n}",
                name=f"Gate {n}",
                onvif_url=f"http://127.0.0.1:{port}/onvif/device_service?{n}",
                created_us=1,
                updated_us=1,
                streams=[CameraStream(name="main", url=f"rtsp://127.0.0.1:{port}/{n}")],
            )
            session.add(camera)
            session.flush()
            session.add(CameraState(camera_id=camera.id, state="recording", since_us=1, cause=None))
            credentials.put(session, keyring, SYSTEM_CLOCK, camera.id, Login("admin", "hunter2"))

    def states() -> dict[str, int]:
        with reading(stores.core) as session:
            query = select(CameraHealth.state, func.count()).group_by(CameraHealth.state)
            return dict(session.execute(query).tuples().all())

    return kind(settings, stores, keyring, origin), stores, states


def measured(name: str, port: int, cameras: int, rounds: int, interval_s: float) -> Figures:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=watch, args=(theirs, port, cameras, rounds, interval_s))
    process.start()
    theirs.close()
    found: Figures = ours.recv()
    process.join()
    tell(name, found)
    return found


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def tell(name: str, found: Figures) -> None:
    size = f"{found.first_bytes / (1 << 20):.1f} -> {found.last_bytes / (1 << 20):.1f} MiB"
    print(
        f"{name:<16} {found.checks} checks in {found.wall_s:.0f} s: {found.cpu_s:.2f} s CPU, {size}, "
        f"{found.threads} threads, {found.states}",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=serve, args=(theirs,))
    server.start()
    port = ours.recv()
    try:
        busy = measured("all answer", port, asked.cameras, asked.rounds, 10.0)
        idle = measured("nothing happens", port, asked.cameras, 1, 86_400.0)
    finally:
        ours.send(None)
        server.join()
    dead = measured("nothing answers", closed_port(), asked.cameras, asked.rounds, 10.0)
    return judged(busy, idle, dead, asked.cameras)


def judged(busy: Figures, idle: Figures, dead: Figures, cameras: int) -> int:
    waiting = idle.cpu_s / idle.wall_s
    check_s = (busy.cpu_s - waiting * busy.wall_s) / busy.checks
    core = waiting + check_s * cameras / INTERVAL_S
    growth = max(busy.last_bytes - busy.first_bytes, dead.last_bytes - dead.first_bytes)
    print(f"a check                     {1000 * check_s:.1f} ms CPU")
    print(f"waiting                     {100 * waiting:.2f} % of a core")
    print(f"each asked every {INTERVAL_S:.0f} s      {100 * core:.1f} % of a core (goal {100 * CORE_GOAL:.0f})")
    print(f"memory, round 2 to the last {growth / (1 << 20):+.1f} MiB (goal {GROWTH_GOAL_BYTES >> 20})")
    return 0 if core <= CORE_GOAL and growth <= GROWTH_GOAL_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
