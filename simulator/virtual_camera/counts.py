"""What a virtual camera sent: the truth that a recorder's own figures are compared with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Counts:
    access_units: int = 0  # sent with all their packets
    damaged: int = 0  # sent without some of their packets
    skipped: int = 0  # not sent, because the client was slow
    bytes: int = 0  # as written to the connection, RTCP and framing included

    def add(self, other: Counts) -> None:
        self.access_units += other.access_units
        self.damaged += other.damaged
        self.skipped += other.skipped
        self.bytes += other.bytes


@dataclass(slots=True, eq=False)
class ClientCounts(Counts):
    path: str = ""
    peer: str = ""


@dataclass(slots=True, eq=False)
class PathCounts(Counts):
    clients: int = 0  # sessions, ended ones included
    playing: int = 0
