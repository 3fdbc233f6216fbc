"""What a client of the virtual camera costs: CPU seconds of the server per client and second, beside the goal.

    python -m benchmarks.virtual_camera --clients 400 --seconds 20

The clients play one 1080p25 H.264 file of 3 Mbit/s, made here from drifting noise, and only read. Their own CPU time is
not counted; the loopback's share of sending and receiving in the kernel falls mostly to the server, and is.
"""

from __future__ import annotations

import argparse
import selectors
import socket
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._camera_load import HEIGHT, RATE, WIDTH, CameraServer, Sent, make_file, play

GOAL_PERCENT = 0.2
POLL_S = 0.02


def read_for(clients: list[socket.socket], seconds: float) -> int:
    """Read whatever comes and drop it; the number of bytes."""
    buffer = bytearray(1 << 20)
    received = 0
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client, selectors.EVENT_READ)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for key, _ in selector.select(POLL_S):
                received += key.fileobj.recv_into(buffer)  # type: ignore[union-attr]
            time.sleep(POLL_S)
    return received


def measure(file: Path, count: int, seconds: float) -> tuple[Sent, Sent]:
    """What the server had done before and after these seconds."""
    server = CameraServer(file)
    clients: list[socket.socket] = []
    try:
        clients.extend(play(server.url()) for _ in range(count))
        read_for(clients, 3)  # until every client has had a keyframe
        before = server.sent()
        read_for(clients, seconds)
        return before, server.sent()
    finally:
        for client in clients:
            client.close()
        server.end()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "load.mp4"
        bit_rate = make_file(file)
        before, after = measure(file, options.clients, options.seconds)
    cpu_s, wall_s = after.cpu_s - before.cpu_s, after.wall_s - before.wall_s
    sent, sent_before = after.paths["load"], before.paths["load"]
    percent = 100 * cpu_s / wall_s / options.clients
    sent_rate = (sent.bytes - sent_before.bytes) * 8 / wall_s / options.clients
    units = (sent.access_units - sent_before.access_units) / wall_s / options.clients
    print(f"file                        {bit_rate / 1e6:.2f} Mbit/s, {WIDTH}x{HEIGHT} at {RATE}")
    print(f"sent to each client         {sent_rate / 1e6:.2f} Mbit/s, {units:.2f} access units/s")
    print(f"skipped for slow clients    {sent.skipped - sent_before.skipped} access units")
    print(f"server CPU                  {cpu_s:.2f} s in {wall_s:.1f} s, {options.clients} clients")
    print(f"per client                  {percent:.3f} % of a core (goal {GOAL_PERCENT} %)")
    sys.exit(0 if percent <= GOAL_PERCENT else 1)


if __name__ == "__main__":
    main()
