"""One fault for many: a network that went, or an NVR, is told once and not once for each of its cameras."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

AT_LEAST: Final = 3
SHARE: Final = 0.8

Kind = Literal["network", "device"]
FaultKey = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """A device as it is seen now: the network of its address if that is known, and how its cameras fare.

    Cameras that a person switched off or works at do not count.
    """

    host: str
    network: str | None
    cameras: int
    unreachable: int

    @property
    def is_away(self) -> bool:
        return 0 < self.cameras == self.unreachable


def network_of(address: str) -> str | None:
    """The /24 of an IPv4 address, the /64 of an IPv6 one; None for what is no address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    plain = getattr(found, "ipv4_mapped", None) or found
    return str(ipaddress.ip_network((plain, 24 if plain.version == 4 else 64), strict=False))


def common_faults(devices: Mapping[str, Judged]) -> dict[FaultKey, list[str]]:
    """The faults that explain more than one camera, each with the keys of its devices."""
    by_network: dict[str, list[str]] = {}
    for key, device in devices.items():
        if device.network is not None and device.cameras:
            by_network.setdefault(device.network, []).append(key)
    found: dict[FaultKey, list[str]] = {}
    explained: set[str] = set()
    for network, keys in by_network.items():
        away = [key for key in keys if devices[key].is_away]
        if len(away) >= AT_LEAST and len(away) >= SHARE * len(keys):
            found["network", network] = away
            explained.update(away)
    for key, device in devices.items():
        if device.is_away and device.cameras > 1 and key not in explained:
            found["device", device.host] = [key]
    return found


@dataclass(slots=True)
class _Standing:
    since_us: int
    seen_us: int
    is_told: bool


class CommonFaults:
    """Those that have lasted `worse_us`; one is over when it was not seen for `better_us`."""

    def __init__(self, told: Mapping[FaultKey, int], now_us: int) -> None:
        self._standing = {key: _Standing(since_us, now_us, True) for key, since_us in told.items()}

    def see(self, found: Iterable[FaultKey], now_us: int, *, worse_us: int, better_us: int) -> dict[FaultKey, int]:
        """What is told now, each with since when."""
        for key in found:
            standing = self._standing.setdefault(key, _Standing(now_us, now_us, False))
            standing.seen_us = now_us
            standing.is_told = standing.is_told or now_us - standing.since_us >= worse_us
        for key, standing in list(self._standing.items()):
            if standing.seen_us != now_us and (not standing.is_told or now_us - standing.seen_us >= better_us):
                del self._standing[key]
        return {key: standing.since_us for key, standing in self._standing.items() if standing.is_told}

    @property
    def is_settled(self) -> bool:
        return all(standing.is_told for standing in self._standing.values())


def explained(kind: Kind, network: str) -> tuple[str, str]:
    """Cause and mend, for the fault and for each of its cameras."""
    if kind == "network":
        cause = f"The network {network} does not answer: most of its devices went together."
        return cause, "Check the switch and its power, and the line to it; the cameras come back by themselves."
    cause = f"The device {network} does not answer, and with it all of its cameras."
    return cause, "Check power, cable and address of the recorder (NVR) or encoder."
