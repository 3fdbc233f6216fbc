"""Rows on their way into a table: more than fit in memory, so they wait on the disk, in parts by hash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from matching.index.keys import Hashes

PARTS = 64
_SHIFT = np.uint64(64 - 6)


class Column:
    """Values of one kind, written in order and read back as one mapped array."""

    def __init__(self, path: Path, dtype: DTypeLike) -> None:
        self._dtype = np.dtype(dtype)
        self._path = path
        self._file = path.open("wb", buffering=1 << 16)

    def extend(self, values: NDArray[Any]) -> None:
        self._file.write(np.ascontiguousarray(values, dtype=self._dtype).data)

    def array(self) -> NDArray[Any]:
        self._file.flush()
        if not self._path.stat().st_size:
            return np.empty(0, dtype=self._dtype)
        return np.memmap(self._path, dtype=self._dtype, mode="r")

    def rewrite(self, values: NDArray[Any]) -> None:
        self._file.seek(0)
        self._file.truncate()
        self.extend(values)

    def close(self) -> None:
        self._file.close()


class Rows:
    """Hashes, each with a value; a part holds a span of hashes, in the order in which they were written."""

    def __init__(self, folder: Path, name: str, dtype: DTypeLike) -> None:
        self._hashes = [Column(folder / f"{name}.{part}.hashes", "<u8") for part in range(PARTS)]
        self._values = [Column(folder / f"{name}.{part}.values", dtype) for part in range(PARTS)]

    def extend(self, hashes: Hashes, values: NDArray[Any]) -> None:
        part = (hashes >> _SHIFT).astype(np.uint8)
        order = np.argsort(part, kind="stable")
        ends = np.searchsorted(part[order], np.arange(PARTS + 1))
        for at in np.flatnonzero(np.diff(ends)):
            chosen = order[ends[at] : ends[at + 1]]
            self._hashes[at].extend(hashes[chosen])
            self._values[at].extend(values[chosen])

    def part(self, at: int) -> tuple[Hashes, NDArray[Any]]:
        return np.asarray(self._hashes[at].array(), dtype=np.uint64), np.asarray(self._values[at].array())

    def rewrite(self, at: int, hashes: Hashes, values: NDArray[Any]) -> None:
        self._hashes[at].rewrite(hashes)
        self._values[at].rewrite(values)

    def close(self) -> None:
        for column in (*self._hashes, *self._values):
            column.close()


def parts(rows: Rows) -> Iterator[tuple[int, Hashes, NDArray[Any]]]:
    for at in range(PARTS):
        yield at, *rows.part(at)
