"""What a client of the virtual camera costs: CPU seconds of the server per client and second, beside the goal.

    python -m benchmarks.virtual_camera --clients 400 --seconds 20

The clients play one 1080p25 H.264 file of 3 Mbit/s, made here from drifting noise, and only read. Their own CPU time is
not counted; the loopback's share of sending and receiving in the kernel falls mostly to the server, and is.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import selectors
import socket
import sys
import tempfile
import time
from dataclasses import dataclass
from fractions import Fraction
from multiprocessing.connection import Connection
from pathlib import Path

import av
import numpy as np

from simulator.virtual_camera import PathCounts, VirtualCamera

GOAL_PERCENT = 0.2
BIT_RATE = 3_000_000
WIDTH, HEIGHT, RATE, FILE_SECONDS = 1920, 1080, 25, 6
POLL_S = 0.02


@dataclass(frozen=True)
class Spent:
    cpu_s: float
    wall_s: float
    sent: PathCounts


def make_file(file: Path) -> float:
    """Write the file; its bit rate."""
    generator = np.random.default_rng(7)
    texture = generator.integers(60, 190, (HEIGHT // 8, WIDTH // 4), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    with av.open(str(file), "w") as container:
        limits = {
            "preset": "ultrafast",
            "bf": "0",
            "nal-hrd": "cbr",
            "maxrate": str(BIT_RATE),
            "bufsize": str(BIT_RATE),
        }
        stream = container.add_stream("libx264", rate=RATE, options=limits)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.bit_rate = BIT_RATE
        stream.gop_size = 2 * RATE
        for index in range(FILE_SECONDS * RATE):
            picture = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
            picture[:HEIGHT] = texture[:, 3 * index : 3 * index + WIDTH]
            grain = generator.integers(-12, 13, (HEIGHT // 4, WIDTH), dtype=np.int8)
            picture[: HEIGHT // 4] += grain.view(np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.stat().st_size * 8 / FILE_SECONDS


def serve(file: Path, link: Connection) -> None:
    asyncio.run(_serve(file, link))


async def _serve(file: Path, link: Connection) -> None:
    """Answer each word on the link with what was spent since the one before; end with the word `end`."""
    camera = VirtualCamera({"load": file})
    await camera.start()
    link.send(camera.port)
    word = await asyncio.to_thread(link.recv)
    while word != "end":
        before, cpu_s, wall_s = camera.counts["load"], time.process_time(), time.monotonic()
        word = await asyncio.to_thread(link.recv)
        after = camera.counts["load"]
        after.access_units -= before.access_units
        after.bytes -= before.bytes
        after.skipped -= before.skipped
        link.send(Spent(time.process_time() - cpu_s, time.monotonic() - wall_s, after))
    await camera.close()


def play(port: int, cseq: int = 1) -> socket.socket:
    url = f"rtsp://127.0.0.1:{port}/load"
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(
        f"SETUP {url}/trackID=0 RTSP/1.0\r\nCSeq: {cseq}\r\n"
        "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n".encode()
    )
    answer = client.recv(4096).decode()
    session = next(line for line in answer.split("\r\n") if line.startswith("Session:")).partition(";")[0]
    client.sendall(f"PLAY {url} RTSP/1.0\r\nCSeq: {cseq + 1}\r\n{session}\r\n\r\n".encode())
    client.setblocking(False)
    return client


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


def measure(file: Path, count: int, seconds: float) -> Spent:
    context = multiprocessing.get_context("spawn")
    link, child_link = context.Pipe()
    server = context.Process(target=serve, args=(file, child_link), daemon=True)
    server.start()
    port = link.recv()
    clients: list[socket.socket] = []
    try:
        clients.extend(play(port) for _ in range(count))
        read_for(clients, 3)  # until every client has had a keyframe
        link.send("begin")
        read_for(clients, seconds)
        link.send("end")
        return link.recv()
    finally:
        for client in clients:
            client.close()
        server.join(10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "load.mp4"
        bit_rate = make_file(file)
        spent = measure(file, options.clients, options.seconds)
    percent = 100 * spent.cpu_s / spent.wall_s / options.clients
    sent_rate = spent.sent.bytes * 8 / spent.wall_s / options.clients
    units = spent.sent.access_units / spent.wall_s / options.clients
    print(f"file                        {bit_rate / 1e6:.2f} Mbit/s, {WIDTH}x{HEIGHT} at {RATE}")
    print(f"sent to each client         {sent_rate / 1e6:.2f} Mbit/s, {units:.2f} access units/s")
    print(f"skipped for slow clients    {spent.sent.skipped} access units")
    print(f"server CPU                  {spent.cpu_s:.2f} s in {spent.wall_s:.1f} s, {options.clients} clients")
    print(f"per client                  {percent:.3f} % of a core (goal {GOAL_PERCENT} %)")
    sys.exit(0 if percent <= GOAL_PERCENT else 1)


if __name__ == "__main__":
    main()
