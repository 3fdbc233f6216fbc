"""`vedette records`: generated records with their truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    records = typer.Typer(help="Generated records, for trials and tests.", no_args_is_help=True)
    records.command("generate")(generate)
    # One command alone would otherwise take the group's place.
    records.callback()(_group)
    app.add_typer(records, name="records")


def _group() -> None:
    """Generated records, for trials and tests."""


def generate(
    out: Annotated[Path, typer.Option(help="Folder for lists/, references/ and truth.json.")],
    persons: Annotated[int, typer.Option(help="How many persons to make up.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same records on the same day.")] = 1,
    stolen: Annotated[list[str] | None, typer.Option(help="Plate that is stolen; may be repeated.")] = None,
    expired: Annotated[list[str] | None, typer.Option(help="Plate on a lapsed record only; may be repeated.")] = None,
) -> None:
    """Make up persons, vehicles and documents for the six lists and four databases, with the true matches."""
    from simulator import records
    from simulator.plates import plate_of

    made = records.generate(
        seed,
        persons,
        plates_stolen=[plate_of(text) for text in stolen or ()],
        plates_expired=[plate_of(text) for text in expired or ()],
    )
    made.write(out)
    pairs, decoys = len(made.truth["pairs"]), len(made.truth["decoys"])
    typer.echo(f"{out}: {made.truth['persons']} persons, {pairs} planted pairs, {decoys} decoys")
