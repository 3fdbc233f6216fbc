"""What `vedette footage check` says, to people and to programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from foundation.clock import to_iso
from foundation.errors import VedetteError
from ingest.footage.check.findings import Report
from ingest.footage.repair import RepairReport


@dataclass(slots=True)
class Outcome:
    """Of one disk: a report, or why there is none."""

    disk: Path
    report: Report | None = None
    repaired: RepairReport | None = None
    error: VedetteError | None = None

    @property
    def is_good(self) -> bool:
        return self.report is not None and not self.report.unexplained


def print_json(console: Console, outcomes: Sequence[Outcome]) -> None:
    good = all(outcome.is_good for outcome in outcomes)
    disks = [_as_json(outcome) for outcome in outcomes]
    console.file.write(json.dumps({"good": good, "disks": disks}, ensure_ascii=False, indent=1) + "\n")


def print_outcome(console: Console, outcome: Outcome) -> None:
    if outcome.error is not None:
        console.print(str(outcome.error), style="red", highlight=False, markup=False)
    if outcome.repaired is not None:
        _print_repaired(console, outcome.disk, outcome.repaired)
    if outcome.report is not None:
        _print_report(console, outcome.report)


def _as_json(outcome: Outcome) -> dict[str, Any]:
    if outcome.report is None:
        return {"disk": str(outcome.disk), "error": str(outcome.error)}
    repaired = asdict(outcome.repaired) if outcome.repaired else None
    return {**outcome.report.as_json(), "start_up_repair": repaired}


def _print_repaired(console: Console, disk: Path, repaired: RepairReport) -> None:
    done = {name.replace("_", " "): count for name, count in asdict(repaired).items() if count}
    if done:
        told = ", ".join(f"{name} {count}" for name, count in done.items())
        console.print(f"{disk}: what an unclean end leaves was mended: {told}.", highlight=False, markup=False)


def _print_report(console: Console, report: Report) -> None:
    if report.findings:
        table = Table("finding", "where", "what", "explanation", "mended", title=str(report.disk), title_justify="left")
        for one in report.findings:
            table.add_row(one.kind, one.where, one.detail, one.explanation, one.mended)
        console.print(table, markup=False)
    total = sum(report.counts.values())
    if total > len(report.findings):
        rest = ", ".join(f"{kind} {count}" for kind, count in report.counts.most_common())
        console.print(f"Of {total} findings the first {len(report.findings)} are shown. All: {rest}.", highlight=False)
    console.print(_summary(report), highlight=False, markup=False)


def _summary(report: Report) -> str:
    read = f", {report.bytes_read >> 20} MiB read" if report.bytes_read else ""
    until = f" up to {to_iso(report.watermark_us)}, as a recorder is at work" if report.owned else ""
    verdict = f"{report.unexplained} findings unexplained" if report.unexplained else "nothing unexplained"
    return f"{report.disk}: {report.segments} files and rows compared{until}{read}; {verdict}."
