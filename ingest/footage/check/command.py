"""`vedette footage check`: the disks one after the other, with a bar that shows how far it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress

from foundation.errors import InvalidInput, VedetteError
from foundation.settings import Settings
from ingest.footage.check.disk_check import DiskCheck
from ingest.footage.check.printing import Outcome, print_json, print_outcome


def run_check(settings: Settings, chosen: Sequence[Path], *, repair: bool, deep: bool, as_json: bool) -> bool:
    """Whether nothing was found that nothing explains."""
    known = settings.footage_disks
    outcomes = []
    console = Console(width=None if sys.stdout.isatty() else 200)
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn(), console=Console(stderr=True)) as progress:
        for disk in _selected(known, chosen):
            others = [one for one in known if one != disk]
            outcome = _one(disk, settings.run_dir, others, repair=repair, deep=deep, show=_bar(progress, disk))
            outcomes.append(outcome)
            if not as_json:
                print_outcome(console, outcome)
    if as_json:
        print_json(console, outcomes)
    return all(outcome.is_good for outcome in outcomes)


def _selected(known: Sequence[Path], chosen: Sequence[Path]) -> Sequence[Path]:
    places = {disk.absolute(): disk for disk in known}
    for disk in chosen:
        if disk.absolute() not in places:
            raise InvalidInput(
                "is no footage disk of this machine.",
                where=str(disk),
                mend=f"Name one of recorder.disks: {', '.join(map(str, known))}.",
            )
    return [places[disk.absolute()] for disk in chosen] or known


def _one(
    disk: Path, run_dir: Path, others: Sequence[Path], *, repair: bool, deep: bool, show: Callable[[int, int], None]
) -> Outcome:
    done = 0

    def advanced(count: int) -> None:
        nonlocal done
        done += count
        if done % 100 == 0:
            show(done, total)

    try:
        check = DiskCheck(disk, run_dir, deep=deep, others=others)
        total = check.total() if not repair else 0
        if repair:
            report, repaired = check.mend(advanced)
            return Outcome(disk, report, repaired)
        return Outcome(disk, check.look(advanced))
    except VedetteError as error:
        return Outcome(disk, error=error)


def _bar(progress: Progress, disk: Path) -> Callable[[int, int], None]:
    task = progress.add_task(str(disk), total=None)
    return lambda done, total: progress.update(task, completed=done, total=total or None)
