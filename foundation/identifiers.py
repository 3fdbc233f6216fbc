"""UUIDv7 identifiers (RFC 9562, section 5.7), and the origin every row carries from birth."""

from __future__ import annotations

import os
from dataclasses import dataclass
from uuid import UUID

from foundation.clock import SYSTEM_CLOCK, Clock

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62


def new_id(clock: Clock = SYSTEM_CLOCK) -> str:
    """A UUIDv7 in its canonical text form: sortable by creation to the millisecond."""
    milliseconds = clock.now_us() // 1000
    random = int.from_bytes(os.urandom(10), "big")
    high = (random >> 62) & 0xFFF
    low = random & ((1 << 62) - 1)
    return str(UUID(int=milliseconds << 80 | _VERSION | high << 64 | _VARIANT | low))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row was born: the center's identifier and the node's name within it."""

    center_id: str
    node: str
