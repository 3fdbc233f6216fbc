"""Where a device is reached: the host that a person named, resolved once and dialled ever after.

Devices tell addresses of their own (XAddrs, stream and snapshot URIs). Behind address translation they are wrong, and a
hostile device may name somebody else's; so of such an address only the path, and on the same host the port, are taken.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlsplit

from device_registry.onvif.faults import DeviceUnreachable
from foundation.errors import InvalidInput

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

DEFAULT_PATH = "/onvif/device_service"
RESOLVE_S = 5.0
MAX_TEXT = 1024
_PORTS = {"http": 80, "https": 443}
_FORM = "Write HOST, HOST:PORT or http(s)://HOST[:PORT][/PATH]; user name and password are given apart."
# Where clouds tell their machines' secrets; the IPv4 one that most of them share is link-local.
_METADATA = frozenset(ipaddress.ip_address(text) for text in ("100.100.100.200", "168.63.129.16", "fd00:ec2::254"))


@dataclass(frozen=True, slots=True)
class Endpoint:
    scheme: str  # http or https
    host: str  # as the person wrote it; goes into the Host header
    port: int
    path: str
    address: str  # numeric; the only one that is dialled
    tls_sha256: str | None = None  # of the certificate that it must show over https, hex; None: any

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self}{self.path}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"

    def forced(self, told: str | None) -> Endpoint:
        """The address that the device told for one of its services, on the host that was named."""
        try:
            parts = urlsplit((told or "").strip())
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            return self
        if parts.scheme not in _PORTS or not _usable(parts.path + parts.query):
            return self
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        gives_up_tls = self.scheme == "https" and parts.scheme == "http"
        if gives_up_tls or parts.port == 0 or not self._is_same_host(parts):
            return replace(self, path=path)  # another port is believed of its own host only, and never without TLS
        return replace(self, scheme=parts.scheme, port=port, path=path)

    def _is_same_host(self, parts: SplitResult) -> bool:
        return (parts.hostname or "").lower() in {self.host.lower(), self.address}

    def url_on_host(self, told: str, schemes: Sequence[str]) -> str | None:
        """A stream's or snapshot's address on the host that was named, without credentials; None: it is no such URL."""
        try:
            parts = urlsplit(told.strip())
            port = parts.port
        except ValueError:
            return None
        if parts.scheme not in schemes or not _usable(parts.path + parts.query):
            return None
        host = f"[{self.host}]" if ":" in self.host else self.host
        authority = f"{host}:{port}" if port else host
        return f"{parts.scheme}://{authority}{parts.path}{f'?{parts.query}' if parts.query else ''}"


def _usable(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text and len(text) <= MAX_TEXT


def address_of(text: str) -> str:
    """The address as the registry keeps it: a URL with scheme and path; nobody is asked for it.

    Raises `InvalidInput` for a text that names no host, or holds a user name.
    """
    return _parsed(text.strip()).url


def resolve(text: str, allowed: Sequence[IpNetwork] = (), tls_sha256: str | None = None) -> Endpoint:
    """Find the host's address and check that it may be dialled.

    `allowed`: networks that may be dialled although they lie on this machine or its link. `tls_sha256`: the pinned
    certificate of its `https`, hex.
    Raises `InvalidInput` for a text that names no host or one that is not allowed, `DeviceUnreachable` if no address is
    known under the name.
    """
    endpoint = _parsed(text.strip())
    found = _addresses(endpoint.host, endpoint.port)
    for address in found:
        _refuse_own_network(address, endpoint, allowed)
    return replace(endpoint, address=str(found[0]), tls_sha256=tls_sha256)


def _parsed(text: str) -> Endpoint:
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        port = parts.port
    except ValueError:
        raise InvalidInput("this names no host, or the port is none.", where="device", mend=_FORM) from None
    host = parts.hostname or ""
    if parts.username is not None or parts.password is not None:  # not shown: it may hold a password
        raise InvalidInput("user name and password may not stand in the address.", where="device", mend=_FORM)
    wrong = parts.scheme not in _PORTS or not host or port == 0 or parts.fragment or not _usable(text)
    if wrong:
        raise InvalidInput("this is no address of a device.", where="device", mend=_FORM)
    path = (parts.path if len(parts.path) > 1 else DEFAULT_PATH) + (f"?{parts.query}" if parts.query else "")
    return Endpoint(parts.scheme, host, port or _PORTS[parts.scheme], path, "")


def _addresses(host: str, port: int) -> list[IpAddress]:
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass
    found: queue.Queue[list[IpAddress] | OSError | UnicodeError] = queue.Queue()

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put([ipaddress.ip_address(row[4][0]) for row in rows])
        except (OSError, UnicodeError) as error:
            found.put(error)

    # The system's resolver knows no time limit, so the wait for it has one.
    threading.Thread(target=look_up, daemon=True, name="resolve").start()
    try:
        answer = found.get(timeout=RESOLVE_S)
    except queue.Empty:
        answer = OSError()
    if isinstance(answer, Exception) or not answer:
        raise DeviceUnreachable(
            "no address is known for this name.", where=host, mend="Check the name, or write the IP."
        )
    return answer


def _refuse_own_network(address: IpAddress, endpoint: Endpoint, allowed: Sequence[IpNetwork]) -> None:
    plain = getattr(address, "ipv4_mapped", None) or address
    if any(plain in network for network in allowed if network.version == plain.version):
        return
    own = plain.is_loopback or plain.is_link_local or plain.is_unspecified or plain.is_multicast or plain.is_reserved
    if own or plain in _METADATA:
        raise InvalidInput(
            "this is an address of this machine, of its link or of its cloud, not of a camera.",
            where=endpoint.authority,
            mend="Name the camera's own address; if it really is one, add its network to the setting devices.allow.",
        )
