from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

import ingest.footage
from foundation.clock import US_PER_S

Row = tuple[str, str, int, int]  # camera, stream, start and end in seconds
MakeDisk = Callable[..., Path]
SCHEMA = Path(ingest.footage.__file__).with_name("schema.sql").read_text()


@pytest.fixture
def make_disk() -> MakeDisk:
    """A folder with a footage index: segments of a thousand bytes each, with their files, and a span of a camera's
    main stream whose packets were lost."""

    def make(folder: Path, *segments: Row, lost: Row | None = None) -> Path:
        folder.mkdir(parents=True)
        connection = sqlite3.connect(folder / "footage.sqlite3")
        connection.executescript(SCHEMA)
        connection.execute(
            "INSERT INTO codec (id, codec, rfc6381, width, height, init) VALUES (1, 'h264', 'a', 1, 1, x'00')"
        )
        for n, (camera, stream, start, end) in enumerate(segments):
            (folder / f"{n}.mp4").write_bytes(bytes(1_000))
            connection.execute(
                "INSERT INTO segment (camera_id, stream, fence, n, codec_id, path, start_us, duration_us,"
                " media_duration_90k, bytes, fragments, keyframes, sha256, complete)"
                " VALUES (?, ?, 1, ?, 1, ?, ?, ?, 0, 1000, 1, '[]', x'00', 1)",
                (camera, stream, n, f"{n}.mp4", start * US_PER_S, (end - start) * US_PER_S),
            )
        if lost:
            camera, stream, start, end = lost
            connection.execute(
                "INSERT INTO gap (camera_id, stream, start_us, end_us, cause) VALUES (?, ?, ?, ?, 'packet_loss')",
                (camera, stream, start * US_PER_S, end * US_PER_S),
            )
        connection.commit()
        connection.close()
        return folder

    return make
