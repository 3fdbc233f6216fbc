"""How far a backup or restore has come, for whoever watches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Progress(Protocol):
    shows: bool  # false: nobody looks, and nothing need be counted beforehand

    def expect(self, rows: Mapping[str, int]) -> None:
        """So many rows are to come, by table; a new stage begins."""

    def advance(self, table: str, rows: int) -> None:
        """So many rows of the table are done."""


class _Silent:
    shows = False

    def expect(self, rows: Mapping[str, int]) -> None:
        pass

    def advance(self, table: str, rows: int) -> None:
        pass


SILENT: Progress = _Silent()
