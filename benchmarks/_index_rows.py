"""Fills a footage index as a recorder would have, only faster: the real schema, rows in the order of time."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from foundation.clock import US_PER_S
from ingest.footage.index import FILE_NAME
from ingest.footage.index_writer import IndexWriter

SEGMENT_US = 60 * US_PER_S
DAY_US = 86_400 * US_PER_S
KEYFRAMES = 30  # one in two seconds
FIRST_US = 1_760_000_000 * US_PER_S
GAP_EVERY = 480  # segments: three gaps a day, each in place of one segment

_BYTES_PER_SEGMENT = 22_500_000  # 3 Mbit/s
_TRIGGERS = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
_SEGMENTS = """
INSERT INTO segment (camera_id, stream, fence, n, codec_id, path, start_us, duration_us, media_duration_90k, bytes,
                     fragments, keyframes, sha256, complete)
SELECT camera.id, 'main', 1, :n, 1,
       camera.id || '/main/' || :hour || '/' || (:start_us + camera.shift_us) || '-1-' || :n || '.mp4',
       :start_us + camera.shift_us, :duration_us, :duration_us * 9 / 100, :bytes + camera.shift_us % 100000, 120,
       :keyframes, randomblob(32), 1
  FROM camera WHERE (:n + camera.number) % :gap_every <> 0
"""
_GAPS = """
INSERT INTO gap (camera_id, stream, start_us, end_us, cause)
SELECT camera.id, 'main', :start_us + camera.shift_us, :start_us + camera.shift_us + :duration_us, 'unreachable'
  FROM camera WHERE (:n + camera.number) % :gap_every = 0
"""
_USAGE = """
INSERT INTO usage (camera_id, stream, segments, bytes)
SELECT camera_id, stream, count(*), sum(bytes) FROM segment GROUP BY camera_id, stream
"""


def camera_id(number: int) -> str:
    return f"01890000-0000-7000-8000-{number:012d}"


def fill(disk: Path, cameras: int, minutes: int) -> Path:
    """`cameras` of one stream each over so many minutes; returns the index file."""
    disk.mkdir(parents=True)
    IndexWriter(disk).close()
    file = disk / FILE_NAME
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.executescript("PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF; PRAGMA cache_size=-1000000;")
        # The triggers keep sums, which are made at the end instead.
        triggers = connection.execute(_TRIGGERS).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        _fill(connection, cameras, minutes)
        for _, statement in triggers:
            connection.execute(statement)
        connection.execute(_USAGE)
        connection.executescript("UPDATE codec SET segments = (SELECT count(*) FROM segment); PRAGMA journal_mode=WAL;")
    return file


def _fill(connection: sqlite3.Connection, cameras: int, minutes: int) -> None:
    connection.execute("CREATE TEMP TABLE camera (number INTEGER PRIMARY KEY, id TEXT, shift_us INTEGER)")
    connection.executemany(
        "INSERT INTO camera VALUES (?, ?, ?)",
        [(number, camera_id(number), number * 7_919_000 % SEGMENT_US) for number in range(cameras)],
    )
    connection.execute(
        "INSERT INTO codec (codec, rfc6381, width, height, init) VALUES ('h264', 'avc1.640028', 1920, 1080, x'00')"
    )
    keyframes = json.dumps(
        [[k * SEGMENT_US // KEYFRAMES, 700 + k * _BYTES_PER_SEGMENT // KEYFRAMES] for k in range(KEYFRAMES)],
        separators=(",", ":"),
    )
    connection.execute("BEGIN")
    for minute in range(minutes):
        start_us = FIRST_US + minute * SEGMENT_US
        common = {"n": minute, "start_us": start_us, "duration_us": SEGMENT_US, "gap_every": GAP_EVERY}
        hour = f"{20251009 + minute // 1440}/{minute // 60 % 24:02}"
        connection.execute(_SEGMENTS, {**common, "hour": hour, "bytes": _BYTES_PER_SEGMENT, "keyframes": keyframes})
        connection.execute(_GAPS, common)
    connection.execute("COMMIT")
