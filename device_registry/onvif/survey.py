"""Probe many hosts at once, and write what they stream as the table that an import of cameras reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from device_registry.login import Login
from device_registry.onvif.endpoint import IpNetwork
from device_registry.onvif.exchange import Exchange, post
from device_registry.onvif.probe import Channel, Probe, probe
from foundation.errors import DeviceError, InvalidInput

MAX_HOSTS: Final = 10_000
COLUMNS: Final = (
    "code", "name", "maker", "model", "firmware", "serial", "mac", "main_url", "sub_url", "onvif_url", "username",
)  # fmt: skip
_WORKERS: Final = 16  # each waits for its device most of the time
_FORMULA: Final = "=+-@"


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A host with its probe, or with why there is none."""

    host: str
    probe: Probe | None
    error: DeviceError | InvalidInput | None


def hosts(text: str) -> list[str]:
    """One host a line; empty lines and lines that begin with `#` say nothing, and a host that stands twice counts once.

    Raises `InvalidInput` for a list that is empty or has more than 10,000 hosts.
    """
    lines = (line.strip() for line in text.splitlines())
    found = list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
    if not 0 < len(found) <= MAX_HOSTS:
        raise InvalidInput(f"the list has {len(found):,} hosts.", mend=f"Write 1 to {MAX_HOSTS:,}, one a line.")
    return found


def survey(
    hosts: Sequence[str], login: Login | None, *, allowed: Sequence[IpNetwork] = (), exchange: Exchange = post
) -> list[Surveyed]:
    """Probe each host, 16 at a time, with the same login; in the order of the hosts."""

    def ask(host: str) -> Surveyed:
        try:
            return Surveyed(host, probe(host, login, allowed=allowed, exchange=exchange), None)
        except (DeviceError, InvalidInput) as error:
            return Surveyed(host, None, error)

    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="survey") as pool:
        return list(pool.map(ask, hosts))


def table(found: Iterable[Surveyed], username: str | None) -> str:
    """CSV (RFC 4180) with a row for each channel that has a stream.

    Code and name are proposals from the address. There is no password in it, and nothing that a spreadsheet would take
    for a formula.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in found:
        if one.probe is not None:
            writer.writerows(_rows(one.probe, username or ""))
    return text.getvalue()


def _rows(found: Probe, username: str) -> Iterator[tuple[str, ...]]:
    told = found.information
    place = urlsplit(found.host).netloc
    for number, channel in enumerate(found.channels, 1):
        if channel.main is not None:
            code = place if len(found.channels) == 1 else f"{place}-{number}"
            name = f"{_plain(told.model)} {code}".strip()
            device = (told.maker, told.model, told.firmware, told.serial)
            streams = (channel.main.url, _sub_url(channel))
            yield code, name, *map(_plain, device), found.mac or "", *streams, found.url, username


def _sub_url(channel: Channel) -> str:
    return channel.sub.url if channel.sub is not None else ""


def _plain(text: str) -> str:
    return text.lstrip(_FORMULA + " ")[:100]
