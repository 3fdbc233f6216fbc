"""Rows on their way into a table: more than fit in memory, so they wait on the disk, in parts by hash."""

from __future__ import annotations

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
        self._file = path.open("wb")
        self.length = 0

    def extend(self, values: NDArray[Any]) -> None:
        self._file.write(np.ascontiguousarray(values, dtype=self._dtype).view(np.uint8).data)
        self.length += len(values)

    def array(self) -> NDArray[Any]:
        self._file.flush()
        if not self._path.stat().st_size:
            return np.empty(0, dtype=self._dtype)
        return np.memmap(self._path, dtype=self._dtype, mode="r")

    def close(self) -> None:
        self._file.close()


class Rows:
    """Hashes, each with a value; a part holds a span of hashes, in the order in which they were written."""

    def __init__(self, path: Path, dtype: DTypeLike) -> None:
        self._dtype = np.dtype([("hash", "<u8"), ("value", dtype)])
        self._file = path.open("w+b")
        self._pieces: list[list[tuple[int, int]]] = [[] for _ in range(PARTS)]  # first row and rows
        self._written = 0  # rows

    def extend(self, hashes: Hashes, values: NDArray[Any]) -> None:
        part = (hashes >> _SHIFT).astype(np.uint8)
        order = np.argsort(part, kind="stable")
        ends = np.searchsorted(part[order], np.arange(PARTS + 1))
        rows = np.empty(len(hashes), dtype=self._dtype)
        rows["hash"], rows["value"] = hashes[order], values[order]
        self._file.write(rows.data)
        for at in np.flatnonzero(np.diff(ends)):
            self._pieces[at].append((self._written + int(ends[at]), int(ends[at + 1] - ends[at])))
        self._written += len(rows)

    def part(self, at: int) -> tuple[Hashes, NDArray[Any]]:
        rows = np.empty(sum(count for _, count in self._pieces[at]), dtype=self._dtype)
        read = 0
        for first, count in self._pieces[at]:
            self._file.seek(first * self._dtype.itemsize)
            self._file.readinto(rows[read : read + count].view(np.uint8).data)
            read += count
        return np.ascontiguousarray(rows["hash"]), np.ascontiguousarray(rows["value"])

    def close(self) -> None:
        self._file.close()
