"""Files that cameras are imported from, told apart by what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

from device_registry import table_csv
from device_registry.table_rows import Table
from foundation.errors import InvalidInput

Format = Literal["table"]
FORMATS: tuple[Format, ...] = get_args(Format)
MAX_BYTES: Final = 64 << 20
_ZIP: Final = b"PK\x03\x04"
_COMPOUND_FILE: Final = bytes.fromhex("d0cf11e0a1b11ae1")


def open_table(content: bytes, format: Format | None, secrets: Mapping[str, str]) -> Table:  # noqa: A002
    """The rows of a CSV file or a workbook. Raises `InvalidInput` when the file as a whole cannot be read."""
    if len(content) > MAX_BYTES:
        raise InvalidInput(f"the file is larger than {MAX_BYTES >> 20} MiB.", mend="Split it.")
    if content.startswith(_COMPOUND_FILE):
        raise InvalidInput(
            "the workbook is encrypted, or of the old format .xls.", mend="Save it as .xlsx without a password."
        )
    if content.startswith(_ZIP):
        from device_registry import table_xlsx  # a fifth of a second, which text can do without

        return table_xlsx.read(content)
    return Table(table_csv.rows(table_csv.text_of(content)))
