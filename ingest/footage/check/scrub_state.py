"""How far the scrub of a disk is: kept in its index, so that it goes on there after a restart."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.footage.index import FILE_NAME, database_error


@dataclass(slots=True, frozen=True)
class ScrubState:
    """The columns of the table `scrub`."""

    position_us: int = 0
    findings: int = 0
    finished_us: int = 0
    found: int = 0

    def moved(self, position_us: int) -> ScrubState:
        return replace(self, position_us=position_us)

    def with_finding(self) -> ScrubState:
        return replace(self, findings=self.findings + 1)

    def finished(self, now_us: int) -> ScrubState:
        return ScrubState(finished_us=now_us, found=self.findings)


def load(disk: Path) -> ScrubState:
    with closing(_connect(disk)) as connection:
        try:
            row = connection.execute("SELECT position_us, findings, finished_us, found FROM scrub").fetchone()
        except sqlite3.Error as error:
            raise database_error(disk / FILE_NAME, error) from error
    return ScrubState(*row)


def save(disk: Path, state: ScrubState) -> None:
    """A transaction of one row beside those of the disk's own writer, which it does not hold up."""
    with closing(_connect(disk)) as connection:
        try:
            connection.execute(
                "UPDATE scrub SET position_us = ?, findings = ?, finished_us = ?, found = ?",
                (state.position_us, state.findings, state.finished_us, state.found),
            )
        except sqlite3.Error as error:
            raise database_error(disk / FILE_NAME, error) from error


def _connect(disk: Path) -> sqlite3.Connection:
    """For the owner of the disk; the index is there."""
    try:
        address = f"{(disk / FILE_NAME).absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(address, uri=True, timeout=30, isolation_level=None)
        connection.execute("PRAGMA synchronous=NORMAL")
    except sqlite3.Error as error:
        raise database_error(disk / FILE_NAME, error) from error
    return connection
