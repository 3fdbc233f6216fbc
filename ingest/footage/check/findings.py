"""What a check finds, in closed kinds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

_KEPT = 1_000  # findings told one by one; what comes after them is counted


class Kind(StrEnum):
    GHOST = "ghost"  # a row whose file is not there
    SHORTER = "shorter"  # a file that ends before its row says
    LONGER = "longer"  # a file that goes on after its row says
    INCOMPLETE = "incomplete"  # a row that says that its file is still written, and it is not
    ORPHAN = "orphan"  # a segment file without a row
    SET_ASIDE = "set_aside"  # a damaged file, or the damaged rest of one, that repair kept
    PURGED = "purged"  # a file whose row was purged, still to be removed
    KEPT_AND_PURGED = "kept_and_purged"  # a file that the index holds and wants removed, both
    STRAY = "stray"  # a file that lies where no segment belongs
    UNREADABLE = "unreadable"  # a file or folder that the system does not let us read
    STRUCTURE = "structure"  # a file that is not whole fragments from its head to its end
    CONTENT = "content"  # access units that are not those that were received
    ROW = "row"  # a row that says of its file what is not so
    HOLE = "hole"  # footage missing between two segments, and no gap says why
    CONTRADICTED_GAP = "contradicted_gap"  # a gap where there is footage


@dataclass(slots=True)
class Finding:
    kind: Kind
    where: str  # path on the disk; or camera, stream and time
    detail: str
    explanation: str | None = None  # why that may be so; None where nothing explains it
    mended: str | None = None  # what was done

    @property
    def is_settled(self) -> bool:
        return self.explanation is not None or self.mended is not None

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "where": self.where,
            "detail": self.detail,
            "explanation": self.explanation,
            "mended": self.mended,
        }


@dataclass(slots=True)
class Report:
    """Of one disk."""

    disk: Path
    owned: bool  # a recorder writes the disk at present
    watermark_us: int = 0  # what is newer was left to the recorder
    segments: int = 0
    bytes_read: int = 0
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[Kind] = field(default_factory=Counter)
    unexplained: int = 0

    def add(self, finding: Finding) -> None:
        self.counts[finding.kind] += 1
        self.unexplained += not finding.is_settled
        if len(self.findings) < _KEPT:
            self.findings.append(finding)

    def as_json(self) -> dict[str, Any]:
        return {
            "disk": str(self.disk),
            "owned": self.owned,
            "watermark_us": self.watermark_us,
            "segments": self.segments,
            "bytes_read": self.bytes_read,
            "counts": dict(self.counts),
            "unexplained": self.unexplained,
            "findings": [finding.as_json() for finding in self.findings],
        }
