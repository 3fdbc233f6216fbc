"""Footage made step by step in one thread, with tiny pictures, so that a test can stop anywhere."""

from __future__ import annotations

import random
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from foundation.clock import US_PER_S
from ingest.footage.disk import Disk
from ingest.footage.fragmenter import MediaFragment
from ingest.footage.index_writer import Changes, IndexWriter
from ingest.footage.mp4 import Sample
from ingest.footage.repair import RepairReport, repair
from ingest.footage.stream_writer import StreamWriter

Key = tuple[str, str]
SEGMENT_US = 3 * US_PER_S
FRAGMENT_US = US_PER_S // 2
_QUEUE_US = 4 * US_PER_S  # how far the watermark stays behind


class Script:
    """One disk as its writer and syncer treat it, without their threads."""

    def __init__(self, folder: Path, parameters: Any, start_us: int) -> None:
        self.folder = folder / "disk"
        self.run_dir = folder / "run"
        self.parameters = parameters
        self.now_us = start_us
        self.chance = random.Random(7)
        self.written: dict[Key, list[tuple[int, bytes]]] = {}  # start and hash of each fragment
        self.durable: dict[Key, list[tuple[int, bytes]]] = {}  # those that a sync has come after
        self.repaired: RepairReport | None = None

    def open(self, *keys: Key, fence: int = 1) -> None:
        self.disk = Disk(self.folder, self.run_dir / "disks")
        self.index = IndexWriter(self.folder)
        self.disk.sync()
        self.repaired = repair(self.folder, self.index)
        self.streams: dict[Key, StreamWriter] = {}
        for key in keys:
            self.begin(key, fence)

    def begin(self, key: Key, fence: int = 1) -> None:
        from ingest.footage import FootageIndex

        index = FootageIndex(self.folder)
        stream = self.streams.setdefault(key, StreamWriter(self.folder, *key, SEGMENT_US))
        stream.begin(fence, index.next_n(*key, fence), index.last_end_us(*key, self.now_us))
        stream.parameters(self.parameters)

    def record(self, seconds: float) -> None:
        """Half a second of every stream at a time; each second starts with a keyframe."""
        for _ in range(int(seconds * 2)):
            for key in self.streams:
                self._append(key)
            self.now_us += FRAGMENT_US

    def record_only(self, key: Key, seconds: float) -> None:
        for _ in range(int(seconds * 2)):
            self._append(key)
            self.now_us += FRAGMENT_US

    def sync(self) -> None:
        """As the syncer does: the bytes, then the rows."""
        changes = self.changes()
        durable = {key: list(fragments) for key, fragments in self.written.items()}
        self.disk.sync()
        self.durable = durable
        self.index.apply(changes)

    def changes(self) -> Changes:
        changes = Changes()
        for stream in self.streams.values():
            changes.add(stream.changes(self.now_us))
        starts = [stream.open_since_us for stream in self.streams.values()]
        changes.clean_us = min((start for start in starts if start is not None), default=self.now_us) - _QUEUE_US
        return changes

    def close(self) -> None:
        for stream in self.streams.values():
            stream.interrupt(None, self.now_us)
        self.sync()
        self.release()

    def release(self) -> None:
        self.index.close()
        self.disk.close()

    def _append(self, key: Key) -> None:
        fragment = self._fragment()
        assert self.streams[key].append(fragment)
        digest = sha256(b"".join(sample.data for sample in fragment.samples)).digest()
        self.written.setdefault(key, []).append((fragment.start_us, digest))

    def _fragment(self) -> MediaFragment:
        is_keyframe = self.now_us % US_PER_S == 0
        sizes = [self.chance.randrange(900, 1500) if is_keyframe else 60, 50, 40]
        samples = [
            Sample(self._picture(size), 15_000, 0, is_keyframe and number == 0) for number, size in enumerate(sizes)
        ]
        return MediaFragment(self.now_us, self.now_us * 9 // 100, 45_000, samples, is_keyframe, False)

    def _picture(self, size: int) -> bytes:
        """One NAL unit after its length."""
        return size.to_bytes(4, "big") + b"\x65" + self.chance.randbytes(size - 1)


@pytest.fixture
def script(tmp_path: Path, h264: Any) -> Callable[..., Script]:
    """Makes scripts; each in a folder of its own."""
    made: list[Script] = []

    def make(start_us: int = 1_790_000_000 * US_PER_S) -> Script:
        made.append(Script(tmp_path / f"script-{len(made)}", h264.parameters, start_us))
        return made[-1]

    return make
