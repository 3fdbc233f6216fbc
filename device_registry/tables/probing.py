"""Rows that tell a device and no stream: the device itself is asked for the rest, over ONVIF."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from device_registry.login import Login
from device_registry.onvif.endpoint import IpNetwork
from device_registry.onvif.exchange import Exchange, post
from device_registry.onvif.probe import Probe, probe
from device_registry.tables.rows import Row
from foundation.errors import DeviceError, FieldProblem, InvalidInput

_WORKERS: Final = 16  # each waits for its device most of the time


def with_streams(rows: Iterable[Row], *, allowed: Sequence[IpNetwork] = (), exchange: Exchange = post) -> list[Row]:
    """Fill `main_url` and what else a device tells into the rows that have `onvif_url` and no `main_url`.

    Each device is asked once, 16 at a time, with the login of its first row; the row's `channel`, counted from 1,
    chooses among an NVR's. A row whose device does not answer becomes its problem.
    """
    taken = list(rows)
    asked = {row["onvif_url"]: row for _, row in reversed(taken) if isinstance(row, dict) and _is_lacking(row)}

    def ask(row: dict[str, str]) -> Probe | FieldProblem:
        login = Login(row["username"], row.get("password", "")) if "username" in row else None
        try:
            return probe(row["onvif_url"], login, allowed=allowed, exchange=exchange)
        except (DeviceError, InvalidInput) as error:
            return FieldProblem("onvif_url", error.what, error.mend or "")

    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="probe") as pool:
        answers = dict(zip(asked, pool.map(ask, asked.values()), strict=True))
    return [(number, _filled(row, answers)) for number, row in taken]


def _is_lacking(row: dict[str, str]) -> bool:
    return "onvif_url" in row and "main_url" not in row


def _filled(
    row: dict[str, str] | list[FieldProblem], answers: dict[str, Probe | FieldProblem]
) -> dict[str, str] | list[FieldProblem]:
    if isinstance(row, list) or not _is_lacking(row):
        return row
    found = answers[row["onvif_url"]]
    if isinstance(found, FieldProblem):
        return [found]
    channel = int(row.get("channel", "1"))
    streams = found.channels[channel - 1] if channel <= len(found.channels) else None
    if streams is None or streams.main is None:
        return [
            FieldProblem("main_url", f"the device tells no stream of channel {channel}.", "Look at it with `probe`.")
        ]
    information = found.information
    told = {
        "main_url": streams.main.url,
        "sub_url": streams.sub.url if streams.sub is not None else "",
        "maker": information.maker,
        "model": information.model,
        "firmware": information.firmware,
        "serial": information.serial,
        "mac": found.mac or "",
    }
    return {name: _plain(text) for name, text in told.items() if text} | row


def _plain(text: str) -> str:
    """What a device says of itself has no meaning as a cell."""
    return text.lstrip("=+-@' ")[:100] if "://" not in text else text
