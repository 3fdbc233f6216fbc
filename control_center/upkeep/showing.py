"""What the commands say: a bar on a terminal, then sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from foundation.backup import progress as backup_progress


def console() -> Console:
    return Console(markup=False, highlight=False, soft_wrap=True)


class _Bar:
    def __init__(self, progress: Progress, what: str) -> None:
        self._progress = progress
        self._task = progress.add_task(what, total=None, table="")
        self.shows = not progress.disable

    def expect(self, rows: Mapping[str, int]) -> None:
        self._progress.reset(self._task, total=sum(rows.values()) or 1)

    def advance(self, table: str, rows: int) -> None:
        self._progress.update(self._task, advance=rows, table=table)


@contextmanager
def bar(what: str) -> Iterator[backup_progress.Progress]:
    """A bar on standard error while it is a terminal; else nothing."""
    errors = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[table]}"))
    with Progress(
        *columns, TimeElapsedColumn(), console=errors, transient=True, disable=not errors.is_terminal
    ) as progress:
        yield _Bar(progress, what)


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
