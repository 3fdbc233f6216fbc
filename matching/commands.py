"""`vedette lists`, `vedette references` and `vedette match`."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from foundation.clock import SYSTEM_CLOCK, Clock
from foundation.database import open_stores, reading, transaction
from foundation.errors import NotFound
from foundation.files import ensure_folder, write_atomically
from foundation.identifiers import Origin
from foundation.logging import configure
from foundation.scope import Scope
from foundation.settings import LogSettings, Settings, load_settings
from matching import command_tables, waterfall
from matching.board import board
from matching.catalogue import Catalogue, DatabaseName, ListName, load_catalogue
from matching.center_index.keeping import IndexKeeper
from matching.comparison import compare_all
from matching.csv_files import ImportReport
from matching.index.commands import index_commands
from matching.judging.commands import evaluate, sample
from matching.linking.commands import compare, picture
from matching.lists import import_list
from matching.models import Hit, KeyPerson, ReferenceRecord
from matching.plates import searching
from matching.references import import_references
from matching.validity import local_day

LocalOrigin = Callable[[Session, Settings, Clock], Origin]
FileArgument = Annotated[Path, typer.Argument(help="CSV file, UTF-8 or GB 18030.")]
PartialOption = Annotated[bool, typer.Option("--partial", help="Take the good rows and leave the refused ones.")]
PictureOption = Annotated[Path | None, typer.Option(help="Draw the weights as a waterfall too, as SVG.")]
ImporterOption = Annotated[
    str | None, typer.Option(help="Account that answers for the import; it may not verify the hits.")
]


def register(app: typer.Typer, local_origin: LocalOrigin) -> None:
    """`local_origin` gives this center's row, which belongs to the device registry."""
    commands = _Commands(local_origin)
    lists = typer.Typer(no_args_is_help=True, help="The six lists of persons under legal process.")
    lists.command("import")(commands.import_list)
    lists.command("ls")(commands.show_lists)
    references = typer.Typer(no_args_is_help=True, help="The four reference databases.")
    references.command("import")(commands.import_references)
    match = typer.Typer(no_args_is_help=True, help="The 24 comparisons of lists with reference databases.")
    match.command("run")(commands.run)
    match.command("board")(commands.show_board)
    match.command("hits")(commands.show_hits)
    match.command("explain")(commands.explain)
    match.command("compare")(compare)
    match.command("picture")(picture)
    match.command("sample")(sample)
    match.command("evaluate")(evaluate)
    match.command("plate")(commands.search_plate)
    match.add_typer(index_commands(), name="index")
    for name, commands_of in (("lists", lists), ("references", references), ("match", match)):
        app.add_typer(commands_of, name=name)


@dataclass(frozen=True, slots=True)
class _Room:
    core: Engine
    catalogue: Catalogue
    origin: Origin
    index_dir: Path

    @property
    def today(self) -> str:
        return local_day(SYSTEM_CLOCK.now_us(), self.catalogue.utc_offset_minutes)


class _Commands:
    def __init__(self, local_origin: LocalOrigin) -> None:
        self._local_origin = local_origin

    @contextmanager
    def _opened(self) -> Iterator[_Room]:
        from foundation import migrations  # a quarter of a second, which --help can do without

        configure(LogSettings(level="warning", format="text"))
        settings = load_settings()
        catalogue = load_catalogue(settings.matching.catalogue)
        ensure_folder(settings.data_dir)
        stores = open_stores(settings)
        try:
            migrations.prepare(stores)
            with transaction(stores.core) as session:
                origin = self._local_origin(session, settings, SYSTEM_CLOCK)
            yield _Room(stores.core, catalogue, origin, settings.index_dir)
        finally:
            stores.dispose()

    def import_list(
        self,
        list_name: Annotated[ListName, typer.Argument(metavar="LIST", help="One of the six lists.")],
        file: FileArgument,
        partial: PartialOption = False,
        importer: ImporterOption = None,
    ) -> None:
        """Import persons into a list; a row without ground, issuer, instrument and expiry is refused."""
        with self._opened() as room:
            report = import_list(
                room.core,
                room.catalogue,
                list_name,
                file,
                origin=room.origin,
                clock=SYSTEM_CLOCK,
                actor=_actor(),
                importer=importer,
                partial=partial,
            )
        _answer(report)

    def import_references(
        self,
        database: Annotated[DatabaseName, typer.Argument(metavar="DATABASE", help="One of the four databases.")],
        file: FileArgument,
        partial: PartialOption = False,
    ) -> None:
        """Import records into a reference database."""
        with self._opened() as room:
            report = import_references(
                room.core,
                room.catalogue,
                database,
                file,
                origin=room.origin,
                clock=SYSTEM_CLOCK,
                actor=_actor(),
                partial=partial,
            )
        _answer(report)

    def show_lists(self) -> None:
        """Lists with their grounds, and how many records are in force."""
        with self._opened() as room, reading(room.core) as session:
            _console().print(command_tables.lists(session, room.catalogue, room.today))

    def run(self) -> None:
        """Run all 24 comparisons now."""
        with self._opened() as room, Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("Comparing", total=None)
            summaries = compare_all(
                room.core,
                room.catalogue,
                room.origin,
                SYSTEM_CLOCK,
                IndexKeeper(room.core, room.index_dir),
                lambda done, total: progress.update(task, completed=done, total=total),
                actor=_actor(),
            )
        _console().print(command_tables.runs(summaries))

    def show_board(self) -> None:
        """The 6 x 4 board: compared, not comparable, and hits that stand."""
        with self._opened() as room, reading(room.core) as session:
            _console().print(command_tables.board(board(session, Scope([room.origin.center_id]))))

    def show_hits(self, limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 50) -> None:
        """Hits with their identifiers."""
        with self._opened() as room, reading(room.core) as session:
            hits = session.scalars(select(Hit).order_by(Hit.created_us.desc(), Hit.id.desc()).limit(limit)).all()
            _console().print(command_tables.hits(hits))

    def explain(
        self,
        hit_id: Annotated[str, typer.Argument(metavar="HIT_ID", help="As in `match hits`.")],
        picture: PictureOption = None,
    ) -> None:
        """Why a pair is a hit, field by field."""
        with self._opened() as room, reading(room.core) as session:
            hit = session.get(Hit, hit_id)
            if hit is None:
                raise NotFound("there is no such hit.", where=f"hit {hit_id}", mend="`vedette match hits` lists them.")
            person = session.get(KeyPerson, hit.key_person_id) if hit.key_person_id else None
            reference = session.get(ReferenceRecord, hit.reference_id) if hit.reference_id else None
            for part in command_tables.explained(hit, person, reference):
                _console().print(part)
            if picture is not None:
                drawn = waterfall.picture(hit.explanation, title=f"Hit {hit.id}", sides=("List or read", "Reference"))
                write_atomically(picture, drawn.encode())

    def search_plate(
        self,
        plate: Annotated[str, typer.Argument(metavar="PLATE", help="As it was read.")],
        colour: Annotated[str | None, typer.Option(help="Of its ground: blue, yellow, green, white or black.")] = None,
        make: Annotated[str | None, typer.Option(help="Of the vehicle.")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="As JSON, with the explanations.")] = False,
    ) -> None:
        """Stolen vehicles and those of listed persons whose plate this is, or may be if it was misread."""
        with self._opened() as room:
            found = searching.search(
                room.core,
                room.catalogue,
                room.origin,
                SYSTEM_CLOCK,
                actor=_actor(),
                plate=plate,
                colour=colour,
                make=make,
            )
        if as_json:
            typer.echo(json.dumps([searching.as_json(it) for it in found], ensure_ascii=False))
        else:
            for part in command_tables.candidates(found):
                _console().print(part)


def _answer(report: ImportReport) -> None:
    for part in command_tables.report(report):
        _console().print(part)
    if not report.written:
        raise typer.Exit(1)


def _console() -> Console:
    # Names come from outside: square brackets in them are text, not markup.
    return Console(markup=False, highlight=False)


def _actor() -> str:
    return f"cli:{getpass.getuser()}"
