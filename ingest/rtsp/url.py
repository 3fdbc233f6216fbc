"""RTSP URLs: where to connect, and the control URL of a track (RFC 2326, C.1.1)."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from foundation.errors import StreamRefused
from ingest.rtsp.message import Message

DEFAULT_PORT = 554


class Endpoint(NamedTuple):
    host: str
    port: int


def endpoint(url: str) -> Endpoint:
    """Host and port of an `rtsp://` URL; a URL with a password in it is refused, and never shown."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme.lower() == "rtsps":
        raise StreamRefused(
            "the stream is encrypted (rtsps://), which is not supported.", mend="Enter the device's rtsp:// address."
        )
    if parts.scheme.lower() != "rtsp" or not host or not url.isascii() or not url.isprintable() or " " in url:
        raise StreamRefused("the stream's address is not an rtsp:// URL.", mend="Correct the address of the camera.")
    if "@" in parts.netloc:
        raise StreamRefused(
            "the stream's address carries a user name or password.", mend="Store them as the camera's credentials."
        )
    return Endpoint(host, DEFAULT_PORT if port is None else port)


def base_url(request_url: str, reply: Message) -> str:
    """What controls are relative to: Content-Base, else Content-Location, else the URL asked for."""
    for name in ("content-base", "content-location"):
        value = reply.get(name)
        if (
            value
            and value.lower().startswith("rtsp://")
            and value.isascii()
            and value.isprintable()
            and " " not in value
        ):
            return value
    return request_url


def control_url(base: str, control: str | None) -> str:
    """A control is appended to its base after a slash, as servers in the field expect, not resolved by RFC 3986."""
    if not control or control == "*":
        return base
    if not control.isascii() or not control.isprintable() or " " in control:
        raise StreamRefused("the device names a control URL with characters that no URL has.")
    if control.lower().startswith("rtsp://"):
        return control
    return f"{base}{control}" if base.endswith("/") else f"{base}/{control}"
