"""What the rooms above know and this one must not: handed in by whoever calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from foundation.clock import Clock
from foundation.identifiers import Origin
from foundation.settings import Settings

FindOrigin = Callable[[Session, Settings, Clock], Origin]
Settle = Callable[[Session, Session, Clock], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Rooms:
    """`origin` gives this center's row. `settle` gets core and observations after a restore, puts an end to what must
    not live twice, and says what that was, with counts, in words for people."""

    origin: FindOrigin
    settle: Settle
