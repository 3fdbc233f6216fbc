"""A file of records, whatever its format."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foundation.errors import InvalidInput
from foundation.files import open_to_read
from matching.record_files import csv_table
from matching.record_files.record_file import RecordFile, Table, state_of

_PARQUET = b"PAR1"


@contextmanager
def open_records(path: Path, *, partial: bool, extra: tuple[str, ...] = ()) -> Iterator[RecordFile]:
    """Read the file once to see what it is: its format, and the SHA-256 that names this state of it.

    With `partial`, rows that are refused are left out and counted. `extra` are columns to be handed out beside those of
    a record. Raises `FileMissing`, or `InvalidInput` where the file or its header is refused.
    """
    with open_to_read(path) as file:
        if not file.seekable():
            raise InvalidInput("a pipe cannot be read twice.", where=str(path), mend="Write it to a disk first.")
        state = state_of(file)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        yield RecordFile(path, file, state, sha256, _table(path, file), partial=partial, extra=extra)


def _table(path: Path, file: io.BufferedReader) -> Table:
    file.seek(0)
    if file.peek(len(_PARQUET)).startswith(_PARQUET):
        from matching.record_files.parquet_table import ParquetTable  # pyarrow takes a quarter of a second

        return ParquetTable(path, file)
    return csv_table.CsvTable(path, file)
