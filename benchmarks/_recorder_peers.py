"""Other ways to record cameras, each a process to measure: `python -m benchmarks._recorder_peers WAY URL COUNT FOLDER`.

pyav   a thread a camera, libavformat takes RTSP apart and writes fragmented MP4
floor  what the kernel asks of anybody: bytes are received in bulk and written as they are, nothing is understood
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

from benchmarks._camera_load import play

POLL_S = 0.1
READ_BYTES = 1 << 20


def pyav(url: str, count: int, folder: Path) -> None:
    threads = [threading.Thread(target=remux, args=(url, folder / f"{n}.mp4"), daemon=True) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def remux(url: str, file: Path) -> None:
    import av

    movflags = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    options = {"rtsp_transport": "tcp", "timeout": "5000000"}
    with av.open(url, options=options) as source, av.open(str(file), "w", options=movflags) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)


def floor(url: str, count: int, folder: Path) -> None:
    clients = [play(url) for _ in range(count)]
    files = [os.open(folder / f"{n}.raw", os.O_WRONLY | os.O_CREAT) for n in range(count)]
    buffer = memoryview(bytearray(READ_BYTES))
    while True:
        for client, file in zip(clients, files, strict=True):
            try:
                size = client.recv_into(buffer)
            except BlockingIOError:
                continue
            os.write(file, buffer[:size])
        time.sleep(POLL_S)


if __name__ == "__main__":
    {"pyav": pyav, "floor": floor}[sys.argv[1]](sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
