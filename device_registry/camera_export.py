"""The cameras of a scope as the CSV table that an import takes: registered anew from it, or left as they were."""

from __future__ import annotations

import csv
import io
from typing import Final

from sqlalchemy.orm import Session

from device_registry import cameras, centers
from device_registry.camera_import import COLUMNS
from device_registry.models import Camera
from foundation.scope import Scope

# User names and passwords leave only towards their cameras.
# Positions are kept, and so exported, in WGS 84.
EXPORTED: Final = tuple(column for column in COLUMNS if column not in ("username", "password", "datum"))


def template() -> bytes:
    return _csv(COLUMNS, [])


def table_of(session: Session, scope: Scope) -> bytes:
    """CSV in UTF-8 with a byte order mark, which spreadsheets need to read Chinese."""
    codes = {row.center.id: row.center.code for row in centers.tree(session, scope)}
    return _csv(EXPORTED, [_row(camera, codes) for camera in cameras.list_cameras(session, scope)])


def _csv(header: tuple[str, ...], rows: list[list[str]]) -> bytes:
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
    if isinstance(value, str):
        # A spreadsheet would compute what begins so.
        return f"'{value}" if value.startswith(("=", "+", "-", "@", "'")) else value
    return str(value)
