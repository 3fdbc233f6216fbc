"""Cameras from the CSV files that hardware of Milestone XProtect is imported and exported with.

Three kinds of them are known: those of XProtect's own import (HardwareAddress, HardwareUsername, …), those of
MilestonePSTools before 24.1 (HardwareName, Address or HardwareAddress, …; a device in each row, its channels in lists),
and since (Name, Address, Channel, …; a channel in each row). None has RTSP addresses, which only the drivers know; the
device's own address becomes `onvif_url`, where it can be asked for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from device_registry.tables import csv_table
from device_registry.tables.rows import Row, RowProblem, Table
from foundation.errors import InvalidInput

# What a header may say, in small letters without spaces, and what it is called here.
_NAMES: Final = {
    "address": "address", "hardwareaddress": "address", "ipaddress": "address",
    "port": "port", "hardwareport": "port",
    "username": "username", "hardwareusername": "username", "user": "username",
    "password": "password", "hardwarepassword": "password",
    "name": "name", "cameraname": "name", "hardwarename": "hardware_name",
    "channel": "channel", "enabledcamerachannels": "channels", "devicetype": "device_type",
    "enabled": "enabled", "coordinates": "coordinates",
    "macaddress": "mac", "hardwaremacaddress": "mac", "serialnumber": "serial", "firmware": "firmware",
    "manufacturer": "maker", "model": "model", "shortname": "short_name",
}  # fmt: skip
_MARKS: Final = frozenset(
    {"drivernumber", "hardwaredriverid", "recordingserver", "recordingservername", "hardwarename"}
)
_COPIED: Final = ("username", "password", "mac", "serial", "firmware", "maker", "model")
_DISABLED: Final = {"true": "no", "yes": "no", "1": "no", "false": "yes", "no": "yes", "0": "yes"}
_SPACES: Final = re.compile(r"[\s_-]+")


def looks_so(text: str) -> bool:
    names = {_plain(cell) for cell in csv_table.header_of(text)}
    has_address = any(_NAMES.get(name) == "address" for name in names)
    return has_address and "code" not in names and ("hardwareaddress" in names or bool(names & _MARKS))


def read(text: str) -> Table:
    """A row for each camera. Raises `InvalidInput` for what is no CSV, or has no column of addresses."""
    notes: list[RowProblem] = []
    return Table(_rows(text, notes), notes)


def _plain(cell: str) -> str:
    return _SPACES.sub("", cell.strip().lower())


def _rows(text: str, notes: list[RowProblem]) -> Iterator[Row]:
    def named(header: Sequence[str], where: str) -> list[str]:
        names, lost = _named(header)
        if "address" not in names:
            mend = "Milestone's files have Address or HardwareAddress."
            raise InvalidInput("there is no column of addresses.", where=where, mend=mend)
        if lost:
            notes.append(RowProblem(0, "", f"nothing is kept of the columns {', '.join(lost)}.", ""))
        return names

    for number, row in csv_table.rows(text, named):
        kind = row.get("device_type", "camera")
        if kind.lower() != "camera":
            notes.append(RowProblem(number, "DeviceType", f"{kind[:40]!r} is no camera; the row was left out.", ""))
            continue
        for channel, name in _channels(row, number, notes):
            yield number, _camera(row, channel, name, number, notes)


def _named(header: Sequence[str]) -> tuple[list[str], list[str]]:
    """What each column is called here, and those of which nothing is kept."""
    names: list[str] = []
    lost = []
    for cell in header:
        name = _NAMES.get(_plain(cell))
        if name is None or name in names:
            name = f"?{len(names)}"
            lost.append(cell.strip()[:40])
        names.append(name)
    return names, [cell for cell in lost if cell]


def _channels(row: Mapping[str, str], number: int, notes: list[RowProblem]) -> Iterator[tuple[int | None, str]]:
    """Channel, counted from 0, and name of each camera that the row stands for."""
    if "channels" not in row:
        yield _channel(row.get("channel", "")), row.get("name", "")
        return
    names = [name.strip() for name in row.get("name", "").split(";")]
    for told in row["channels"].split(";"):
        channel = _channel(told)
        if channel is None:
            what = "the row does not tell which channels it enables; one camera was taken."
            notes.append(RowProblem(number, "EnabledCameraChannels", what, "Write their numbers, such as 0;1."))
        yield channel, names[channel or 0] if (channel or 0) < len(names) else ""


def _channel(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _camera(
    row: Mapping[str, str], channel: int | None, name: str, number: int, notes: list[RowProblem]
) -> dict[str, str]:
    address = row.get("address", "")
    if "port" in row and ":" not in address:
        address = f"{address}:{row['port']}"
    place = _place(address)
    cells = {column: row[column] for column in _COPIED if column in row}
    cells["code"] = row.get("short_name") or (f"{place}-{channel + 1}" if channel else place)
    cells["name"] = name or row.get("hardware_name", "")
    cells["main_url" if address.lower().startswith(("rtsp://", "rtsps://")) else "onvif_url"] = address
    cells["channel"] = str((channel or 0) + 1)  # of the device, for who asks it
    cells |= _position(row, number, notes) | _disabled(row, number, notes)
    return {column: text for column, text in cells.items() if text}


def _place(address: str) -> str:
    """Host and, unless it is the usual one, port: the code that a survey would propose."""
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        return f"{parts.hostname}:{parts.port}" if parts.port not in (None, 80, 443) else parts.hostname or ""
    except ValueError:  # told with the address
        return address[:64]


def _position(row: Mapping[str, str], number: int, notes: list[RowProblem]) -> dict[str, str]:
    told = row.get("coordinates", "")
    parts = [part.strip() for part in told.split(",")]
    if len(parts) == 2 and all(parts):
        return {"latitude": parts[0], "longitude": parts[1]}
    if told:
        what = "these coordinates are no two numbers with a comma between; no position was taken."
        notes.append(RowProblem(number, "Coordinates", what, "Write latitude, longitude."))
    return {}


def _disabled(row: Mapping[str, str], number: int, notes: list[RowProblem]) -> dict[str, str]:
    told = row.get("enabled", "")
    if told and told.lower() not in _DISABLED:
        notes.append(RowProblem(number, "Enabled", "this is neither true nor false; it was left out.", "Mend it."))
    return {"disabled": _DISABLED.get(told.lower(), "")}
