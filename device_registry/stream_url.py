"""RTSP URLs as people give them (RFC 3986, RFC 7826): checked, and parted from the credentials they may carry."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from foundation.errors import InvalidInput

MAX_URL = 1024
_FORM = "Write rtsp://HOST[:PORT]/PATH, or rtsps:// where the camera encrypts."
SCHEMES = ("rtsp", "rtsps")

_HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?", re.IGNORECASE | re.ASCII)
# Some makers put the password into the path or the query, where every log on the way would show it.
_SECRET_IN_PATH = re.compile(r"(?:^|[/?&;_,])(?:password|passwd|pwd|pass|token)=[^/&;_]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StreamUrl:
    url: str  # without credentials
    username: str | None
    password: str | None = field(repr=False)


def parse(text: str, where: str) -> StreamUrl:
    """`where` names camera and field; the text itself never stands in the error, for it may hold a password."""
    text = text.strip()
    if not text.isascii() or not text.isprintable() or " " in text or len(text) > MAX_URL:
        raise InvalidInput(
            f"the URL has spaces, control or non-ASCII characters, or is longer than {MAX_URL}.",
            where=where,
            mend="Percent-encode them (RFC 3986).",
        )
    parts = _split(text, where)
    _refuse_other_schemes(parts, where)
    _refuse_secret(parts, where)
    host = _host(parts, where)
    port = _port(parts, where)
    url = f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}{f'?{parts.query}' if parts.query else ''}"
    username = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password is not None else None
    if password is not None and username is None:
        raise InvalidInput("there is a password without a user name.", where=where, mend="Name the user before it.")
    return StreamUrl(url, username, password)


def _split(text: str, where: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError:
        raise InvalidInput("this is not a URL.", where=where, mend=_FORM) from None


def _refuse_other_schemes(parts: SplitResult, where: str) -> None:
    if parts.scheme not in SCHEMES:
        # "user:secret@host" without a scheme would show up here as the scheme.
        raise InvalidInput("only the schemes rtsp and rtsps are known.", where=where, mend=_FORM)
    if parts.fragment:
        raise InvalidInput("the URL has a fragment.", where=where, mend="Leave out '#' and what follows, or write %23.")


def _refuse_secret(parts: SplitResult, where: str) -> None:
    names = {name.lower() for name, value in parse_qsl(parts.query) if value}
    if names & {"password", "passwd", "pwd", "pass", "token"} or _SECRET_IN_PATH.search(f"{parts.path}?{parts.query}"):
        raise InvalidInput(
            "the path or the query carries a password.",
            where=where,
            mend="Choose an address of the camera that asks for the password (RTSP Digest), and give it apart.",
        )


def _host(parts: SplitResult, where: str) -> str:
    host = parts.hostname or ""
    if ":" in host:
        return f"[{_ipv6(host, where)}]"
    if len(host) > 253 or not _HOST_NAME.fullmatch(host) or _is_bad_ipv4(host):
        raise InvalidInput("the host is missing or not valid.", where=where, mend="Write a host name or an IP address.")
    return host


def _ipv6(host: str, where: str) -> str:
    try:
        return ipaddress.IPv6Address(host).compressed
    except ValueError:
        raise InvalidInput("the IPv6 address is not valid.", where=where, mend="Write it in [ ].") from None


def _is_bad_ipv4(host: str) -> bool:
    if not host.replace(".", "").isdigit():
        return False
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return True
    return False


def _port(parts: SplitResult, where: str) -> int | None:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise InvalidInput("the port is not a number from 1 to 65535.", where=where, mend="Mend or leave out the port.")
    return port
