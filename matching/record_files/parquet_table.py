"""Parquet (Apache Parquet format 2) as rows of text, a batch of rows at a time."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from foundation.errors import InvalidInput
from matching.csv_files import Refusal
from matching.record_files.column_texts import Texts, has_texts, is_text, longest_text, texts_of
from matching.record_files.record_file import Cells

_MAGIC = b"PAR1"
_TAIL = struct.Struct("<I4s")  # the footer's length, then the magic
_LONGEST_FOOTER = 64 << 20
_LARGEST_ROW_GROUP = 2 << 30  # bytes before compression
_BATCH, _BATCH_BYTES = 2_000, 64 << 20  # rows, and about how much they may come to
_BATCH_OF_DELTAS = 64  # rows, of an encoding in which each text may repeat the whole of the one before
_BUFFER_BYTES = 1 << 20
_MOST_PARTS = 100_000  # of a list in the footer, so that a million columns cost no memory
_AS_TEXT = "Write the column as text."
_SHOWN = 200  # characters of what pyarrow says
_FAULTS = (pa.ArrowException, OSError, ValueError, OverflowError)  # what pyarrow says of bytes that are no Parquet


class ParquetTable:
    header = "footer"

    def __init__(self, path: Path, file: io.BufferedReader) -> None:
        self._path, self._file, self._read_rows = path, file, 0
        self._bytes = file.seek(0, io.SEEK_END)
        self._refuse_long_footer()
        self._metadata, self._schema = self._opened()
        self.columns: Sequence[str] = self._schema.names
        self._rows: int = self._metadata.num_rows
        groups = self._metadata.num_row_groups
        sizes = (self._metadata.row_group(at).total_byte_size for at in range(groups))
        large = next((at for at, size in enumerate(sizes, 1) if size > _LARGEST_ROW_GROUP), None)
        if large is not None:
            what = f"it holds more than {_LARGEST_ROW_GROUP >> 30} GiB."
            raise self._refused(what, f", row group {large}", "Write the file with smaller row groups.")

    def rows(self, columns: Sequence[str]) -> Iterator[Cells | Refusal]:
        row = 1
        for batch in self._batches(columns):
            texts = [self._texts(name, column) for name, column in zip(columns, batch, strict=True)]
            doubts = {at: (name, *it) for name, of in zip(columns, texts, strict=True) for at, it in of.doubts}
            for at, cells in enumerate(zip(*(it.values for it in texts), strict=True)):
                yield Refusal(row + at, *doubts[at]) if at in doubts else (row + at, cells)
            row += len(batch[0])
            self._read_rows = row - 1

    @property
    def done_bytes(self) -> int:
        return self._bytes * self._read_rows // max(self._rows, 1)

    def _refuse_long_footer(self) -> None:
        self._file.seek(max(0, self._bytes - _TAIL.size))
        tail = self._file.read(_TAIL.size)
        length, magic = _TAIL.unpack(tail) if len(tail) == _TAIL.size else (0, b"")
        if magic != _MAGIC or length + _TAIL.size + len(_MAGIC) > self._bytes:
            raise self._refused("the file is cut off, or damaged.")
        if length > _LONGEST_FOOTER:
            raise self._refused("the description of its columns and row groups is too long.")

    def _opened(self) -> tuple[pq.FileMetaData, pa.Schema]:
        try:
            with self._reader() as reader:
                return reader.metadata, reader.schema_arrow
        except _FAULTS as error:
            raise self._damaged(error) from error

    def _reader(self, **options: Any) -> pq.ParquetFile:
        return pq.ParquetFile(
            pa.PythonFile(self._file, mode="r"),  # leaves the file open
            pre_buffer=False,
            buffer_size=_BUFFER_BYTES,
            page_checksum_verification=True,
            thrift_container_size_limit=_MOST_PARTS,
            **options,
        )

    def _batches(self, columns: Sequence[str]) -> Iterator[list[pa.Array]]:
        texts = [name for name in columns if is_text(self._type(name))]
        try:
            with self._reader(metadata=self._metadata) as reader:
                for group in range(self._metadata.num_row_groups):
                    rows = self._rows_at_once(group, texts)
                    for batch in reader.iter_batches(rows, row_groups=[group], columns=[*columns], use_threads=False):
                        batch.validate(full=True)
                        yield [batch[name] for name in columns]
        except _FAULTS as error:
            raise self._damaged(error) from error

    def _rows_at_once(self, group: int, texts: Sequence[str]) -> int:
        """So few that memory holds them, though a dictionary of one long text may say that all rows have it."""
        rows = _BATCH
        with self._reader(metadata=self._metadata, read_dictionary=texts) as reader:
            for name in texts:
                try:
                    first = next(reader.iter_batches(1, row_groups=[group], columns=[name], use_threads=False), None)
                except _FAULTS:  # damage is told when the rows are read
                    rows = min(rows, _BATCH_OF_DELTAS)
                else:
                    longest = longest_text(first[name].dictionary) if first else 0
                    rows = min(rows, max(1, _BATCH_BYTES // max(longest, 1)))
        return rows

    def _type(self, name: str) -> pa.DataType:
        found = self._schema.field(name).type
        if not has_texts(found):
            raise self._refused(f"values of type {found} are not read.", f", column {name}", _AS_TEXT)
        return found

    def _texts(self, name: str, column: pa.Array) -> Texts:
        try:
            return texts_of(column)
        except _FAULTS as error:
            raise self._refused(f"not readable as text: {_said(error)}.", f", column {name}", _AS_TEXT) from error

    def _damaged(self, error: Exception) -> InvalidInput:
        return self._refused(f"not readable as Parquet: {_said(error)}.")

    def _refused(self, what: str, where: str = "", mend: str = "Export the file again.") -> InvalidInput:
        return InvalidInput(what, where=f"{self._path}{where}", mend=mend)


def _said(error: Exception) -> str:
    """The first line of it, without what no terminal should be told."""
    text = str(error).strip() or type(error).__name__
    return "".join(it if it.isprintable() else " " for it in text.splitlines()[0])[:_SHOWN].rstrip(".")
