"""One recording as it was ordered; handed from the command to the process that sees it through."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

STREAM = "main"
_FILE_NAME = "order.json"


@dataclass(slots=True, frozen=True)
class Order:
    urls: Sequence[str]
    disks: Sequence[str]  # one for each recorder process
    duration_s: float
    as_json: bool

    def write(self, work: Path) -> None:
        (work / _FILE_NAME).write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, work: Path) -> Order:
        return cls(**json.loads((work / _FILE_NAME).read_text()))

    def disk_of(self, number: int) -> Path:
        return Path(self.disks[number % len(self.disks)])


def camera_id(number: int) -> str:
    """The folder of the URL that stands at this place, counted from zero."""
    return f"{number + 1:04}"
