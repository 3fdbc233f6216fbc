"""What recorder and child say to each other over the socket between them.

The recorder sends one line, the order, and holds its end open for as long as it wants the stream. The child answers
with frames as the tap has them (`ingest.tap`): parameters name the codec and the parameter sets that the camera gave,
units carry RTP time, flags and NAL units. A unit without data says that something came which cannot be decoded. Why it
ended, the child says by its exit status alone: FFmpeg's own words could hold the password.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import IntEnum

MAX_ORDER_BYTES = 8 << 10


@dataclass(slots=True, frozen=True)
class Order:
    url: str  # without credentials
    login: str | None = field(repr=False)  # as it stands in a URL

    def encode(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> Order:
        return cls(**json.loads(line))


class Ending(IntEnum):
    """Exit status of the child. Python's own are 1 and 2, and a signal's number is negative."""

    DISMISSED = 0  # the recorder wants no more
    ENDED = 20
    AUTH_FAILED = 21
    FORBIDDEN = 22
    NOT_FOUND = 23
    REFUSED = 24
    NOT_OVER_UDP = 25
    REDIRECTED = 26
    NO_VIDEO = 27
    SILENT = 28
    UNREACHABLE = 29
