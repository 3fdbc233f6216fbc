"""A file of 3 Mbit/s, and the virtual camera in a process of its own that plays it to any number of clients."""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import time
from dataclasses import dataclass, replace
from fractions import Fraction
from multiprocessing.connection import Connection
from pathlib import Path

import av
import numpy as np

from simulator.virtual_camera import PathCounts, VirtualCamera

BIT_RATE = 3_000_000
WIDTH, HEIGHT, RATE, FILE_SECONDS = 1920, 1080, 25, 6


@dataclass(frozen=True)
class Sent:
    """What the camera has done so far."""

    cpu_s: float
    wall_s: float
    paths: dict[str, PathCounts]


def make_file(file: Path, width: int = WIDTH, height: int = HEIGHT) -> float:
    """Write the file; its bit rate."""
    generator = np.random.default_rng(7)
    texture = generator.integers(60, 190, (height // 8, width // 4), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    with av.open(str(file), "w") as container:
        limits = {
            "preset": "ultrafast",
            "bf": "0",
            "nal-hrd": "cbr",
            "maxrate": str(BIT_RATE),
            "bufsize": str(BIT_RATE),
        }
        stream = container.add_stream("libx264", rate=RATE, options=limits)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate = BIT_RATE
        stream.gop_size = 2 * RATE
        for index in range(FILE_SECONDS * RATE):
            picture = np.full((height * 3 // 2, width), 128, np.uint8)
            picture[:height] = texture[:, 3 * index : 3 * index + width]
            grain = generator.integers(-12, 13, (height // 4, width), dtype=np.int8)
            picture[: height // 4] += grain.view(np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.stat().st_size * 8 / FILE_SECONDS


class CameraServer:
    """Plays one file on each of the paths, each with its faults, until `end`.

    With `packets_apart` each packet is sent by itself, as a camera's network does; else a whole picture at once.
    """

    def __init__(self, file: Path, *paths: str, faults: tuple[str, ...] = (), packets_apart: bool = False) -> None:
        context = multiprocessing.get_context("spawn")
        self._link, child_link = context.Pipe()
        arguments = (dict.fromkeys(paths or ("load",), file), faults, packets_apart, child_link)
        self._process = context.Process(target=_serve_until_end, args=arguments, daemon=True)
        self._process.start()
        self.port: int = self._link.recv()

    def url(self, path: str = "load") -> str:
        return f"rtsp://127.0.0.1:{self.port}/{path}"

    def sent(self) -> Sent:
        self._link.send("tell")
        return self._link.recv()

    def end(self) -> None:
        self._link.send("end")
        self._process.join(10)


def _serve_until_end(files: dict[str, Path], faults: tuple[str, ...], packets_apart: bool, link: Connection) -> None:
    asyncio.run(_serve(files, faults, packets_apart, link))


async def _serve(files: dict[str, Path], faults: tuple[str, ...], packets_apart: bool, link: Connection) -> None:
    camera = VirtualCamera(files, faults=faults, packets_apart=packets_apart)
    await camera.start()
    link.send(camera.port)
    while await asyncio.to_thread(link.recv) != "end":
        paths = {name: replace(counts) for name, counts in camera.counts.items()}
        link.send(Sent(time.process_time(), time.monotonic(), paths))
    await camera.close()


def play(url: str, cseq: int = 1) -> socket.socket:
    """A client that plays, and from now on gets media."""
    host, port = url.split("/")[2].split(":")
    client = socket.create_connection((host, int(port)))
    client.sendall(
        f"SETUP {url}/trackID=0 RTSP/1.0\r\nCSeq: {cseq}\r\n"
        "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n".encode()
    )
    answer = client.recv(4096).decode()
    session = next(line for line in answer.split("\r\n") if line.startswith("Session:")).partition(";")[0]
    client.sendall(f"PLAY {url} RTSP/1.0\r\nCSeq: {cseq + 1}\r\n{session}\r\n\r\n".encode())
    client.setblocking(False)
    return client
