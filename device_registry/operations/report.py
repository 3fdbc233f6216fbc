"""What came of an operation over many devices, as a table and as an exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import typer
from rich.table import Column, Table

from device_registry.onvif.setting import shown
from device_registry.opening import console
from device_registry.operations.configuring import DONE, Result
from device_registry.operations.running import Outcome

_WORDS: dict[Result, str] = {
    "changed": "changed",
    "would_change": "would change",
    "as_it_was": "as it was",
    "refused": "refused",
    "rolled_back": "rolled back",
    "half_done": "half done",
    "failed": "failed",
    "skipped": "skipped",
}


def show(outcomes: Iterable[Outcome]) -> None:
    """Print each camera with what it has and what it gets; exit code 1 when one is not as it should be."""
    counts: Counter[Result] = Counter()
    table = Table("Camera", "", "Setting", "Has", "Gets", Column("Why", overflow="fold"))
    for outcome in outcomes:
        counts[outcome.configured.result] += 1
        for row in _rows(outcome):
            table.add_row(*row)
    console().print(table)
    console().print(", ".join(f"{count} {_WORDS[result]}" for result, count in counts.items()) + ".")
    if set(counts) - DONE:
        raise typer.Exit(1)


def _rows(outcome: Outcome) -> Iterable[tuple[str, ...]]:
    configured = outcome.configured
    changes = [
        (name, shown(change.before), shown(change.after))
        for settings in configured.changes.values()
        for name, change in settings.items()
    ]
    lines = max(len(changes), len(configured.what), 1)
    for line in range(lines):
        change = changes[line] if line < len(changes) else ("", "", "")
        what = configured.what[line] if line < len(configured.what) else ""
        head = (outcome.target.code, _WORDS[configured.result]) if line == 0 else ("", "")
        yield *head, *change, what
