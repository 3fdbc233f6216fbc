"""The cameras of a scope as the table that an import takes: registered anew from it, or left as they were."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy.orm import Session

from device_registry import cameras, centers
from device_registry.models import Camera
from device_registry.tables.camera_row import COLUMNS, quoted
from foundation.scope import Scope

# User names and passwords leave only towards their cameras.
# Positions are kept, and so exported, in WGS 84.
EXPORTED: Final = tuple(column for column in COLUMNS if column not in ("username", "password", "datum"))


def template(*, is_workbook: bool = False) -> bytes:
    return _file(COLUMNS, [], is_workbook=is_workbook)


def table_of(session: Session, scope: Scope, *, is_workbook: bool = False) -> bytes:
    """CSV in UTF-8 with a byte order mark, which spreadsheets need to read Chinese; or a workbook (XLSX)."""
    codes = {row.center.id: row.center.code for row in centers.tree(session, scope)}
    rows = (_row(camera, codes) for camera in cameras.list_cameras(session, scope))
    return _file(EXPORTED, rows, is_workbook=is_workbook)


def _file(header: tuple[str, ...], rows: Iterable[Sequence[str]], *, is_workbook: bool) -> bytes:
    if is_workbook:
        from device_registry.tables import xlsx_table  # a fifth of a second, which text can do without

        return xlsx_table.write(header, rows)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _row(camera: Camera, center_codes: dict[str, str]) -> list[str]:
    urls = {f"{stream.name}_url": stream.url for stream in camera.streams}
    known = urls | {"center": center_codes[camera.center_id], "disabled": "yes" if camera.disabled else "no"}
    return [_cell(known[column] if column in known else getattr(camera, column, None)) for column in EXPORTED]


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    return quoted(value) if isinstance(value, str) else str(value)
