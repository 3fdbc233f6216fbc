"""RTSP URLs: where to connect, where a device may redirect to, and the control URL of a track (RFC 2326, C.1.1)."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from foundation.errors import StreamRefused
from ingest.rtsp.message import Message

DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322}


class Endpoint(NamedTuple):
    host: str
    port: int
    tls: bool


def endpoint(url: str) -> Endpoint:
    """Where an `rtsp://` or `rtsps://` URL leads; one with a password in it is refused, and never shown."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS or not host or not _is_plain(url):
        raise StreamRefused(
            "the stream's address is not an rtsp:// or rtsps:// URL.", mend="Correct the address of the camera."
        )
    if "@" in parts.netloc:
        raise StreamRefused(
            "the stream's address carries a user name or password.", mend="Store them as the camera's credentials."
        )
    return Endpoint(host, DEFAULT_PORTS[scheme] if port is None else port, tls=scheme == "rtsps")


def check_redirect(peer: Endpoint, location: str) -> None:
    """Credentials and pictures stay with the host that was registered, and encrypted where they were to be."""
    target = endpoint(location)
    where = f"{peer.host}:{peer.port}"
    if target.host != peer.host:
        raise StreamRefused("the device redirects to another host, which is not followed.", where=where)
    if peer.tls and not target.tls:
        raise StreamRefused(
            "the device redirects to an address without encryption, which is not followed.", where=where
        )


def base_url(request_url: str, reply: Message) -> str:
    """What controls are relative to: Content-Base, else Content-Location, else the URL asked for."""
    for name in ("content-base", "content-location"):
        value = reply.get(name)
        if value and _is_absolute(value) and _is_plain(value):
            return value
    return request_url


def control_url(base: str, control: str | None) -> str:
    """A control is appended to its base after a slash, as servers in the field expect, not resolved by RFC 3986."""
    if not control or control == "*":
        return base
    if not _is_plain(control):
        raise StreamRefused("the device names a control URL with characters that no URL has.")
    if _is_absolute(control):
        return control
    return f"{base}{control}" if base.endswith("/") else f"{base}/{control}"


def _is_plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url


def _is_absolute(url: str) -> bool:
    return url.lower().startswith(("rtsp://", "rtsps://"))
