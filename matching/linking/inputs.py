"""What two files are compared by: references as an index, and records in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from matching.index.file_format import is_index
from matching.index.store import Index, build_index
from matching.record_files.opening import open_records
from matching.record_files.record_file import RecordFile

Step = Callable[[str, int, int], None]  # what is done, bytes or pairs done, of how many


@contextmanager
def open_references(path: Path, *, partial: bool) -> Iterator[RecordFile | None]:
    """None where they are an index."""
    if path.exists() and is_index(path):
        yield None
        return
    with open_records(path, partial=partial) as file:
        yield file


def index_of(path: Path, references: RecordFile | None, built: Path, step: Step) -> Index:
    """The index at `path`, or one of the file of references, built where it is not there yet."""
    if references is None:
        return Index(path)
    if not built.exists():
        listing = {"file": path.name, "sha256": references.sha256}
        build_index(
            built,
            references.references(),
            listing,
            lambda _: step("Indexing", references.done_bytes, references.bytes),
        )
    return Index(built)


def chunks(records: RecordFile, rows: int) -> Iterator[list[Mapping[str, str]]]:
    """So many rows each."""
    left: Iterable[Mapping[str, str]] = iter(row.raw for row in records.rows())
    while chunk := list(islice(left, rows)):
        yield chunk
