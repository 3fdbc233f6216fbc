"""Files that cameras are imported from, told apart by what is in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal, get_args

from device_registry.tables import csv_table, milestone
from device_registry.tables.rows import Table
from foundation.errors import InvalidInput

Format = Literal["table", "milestone", "frigate"]
FORMATS: tuple[Format, ...] = get_args(Format)
MAX_BYTES: Final = 64 << 20
_CAMERAS_OF_YAML: Final = re.compile(r"^cameras:[ \t]*(#.*)?\r?$", re.MULTILINE)
_ZIP: Final = b"PK\x03\x04"
_COMPOUND_FILE: Final = bytes.fromhex("d0cf11e0a1b11ae1")


def open_table(content: bytes, format: Format | None, secrets: Mapping[str, str]) -> Table:  # noqa: A002
    """The rows of a file; its format is told from what is in it, unless it is given.

    `secrets` are what a file's placeholders stand for. Raises `InvalidInput` when the file as a whole cannot be read.
    """
    if len(content) > MAX_BYTES:
        raise InvalidInput(f"the file is larger than {MAX_BYTES >> 20} MiB.", mend="Split it.")
    if content.startswith(_COMPOUND_FILE):
        raise InvalidInput(
            "the workbook is encrypted, or of the old format .xls.", mend="Save it as .xlsx without a password."
        )
    if content.startswith(_ZIP) and format in (None, "table"):
        from device_registry.tables import xlsx_table  # a fifth of a second, which text can do without

        return xlsx_table.read(content)
    text = csv_table.text_of(content)
    format = format or _format_of(text)  # noqa: A001
    if format == "milestone":
        return milestone.read(text)
    if format == "frigate":
        from device_registry.tables import frigate

        return frigate.read(text, secrets)
    return Table(csv_table.rows(text))


def _format_of(text: str) -> Format:
    if milestone.looks_so(text):
        return "milestone"
    return "frigate" if _CAMERAS_OF_YAML.search(text) else "table"
