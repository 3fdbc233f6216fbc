"""Basic (RFC 7617) and Digest (RFC 2617, RFC 7616: MD5 and SHA-256) authentication of a client."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

_PARAMETER = re.compile(r'([A-Za-z][\w-]*)\s*=\s*(?:"([^"]*)"|([^\s,"]+))')
_HASHES: dict[str, Callable[[bytes], str]] = {
    "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
}


@dataclass(slots=True, frozen=True)
class Credentials:
    username: str
    password: str = field(repr=False)


@dataclass(slots=True, frozen=True)
class Challenge:
    scheme: str  # "basic" or "digest"
    realm: str = ""
    nonce: str = ""
    opaque: str | None = None
    algorithm: str = "MD5"
    named_algorithm: bool = False
    qop_auth: bool = False
    stale: bool = False


def strongest(headers: Sequence[str]) -> Challenge | None:
    """The best challenge that can be answered: Digest SHA-256, Digest MD5, Basic."""
    known = [challenge for header in headers if (challenge := _parse(header))]
    order = {"SHA-256": 0, "MD5": 1}
    return min(known, key=lambda one: 2 if one.scheme == "basic" else order[one.algorithm], default=None)


def _parse(header: str) -> Challenge | None:
    scheme, _, rest = header.strip().partition(" ")
    fields = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(rest)}
    if scheme.lower() == "basic":
        return Challenge("basic", fields.get("realm", ""))
    algorithm = fields.get("algorithm", "MD5").upper()
    if scheme.lower() != "digest" or algorithm not in _HASHES or "nonce" not in fields:
        return None
    offered = [part.strip().lower() for part in fields.get("qop", "").split(",")]
    return Challenge(
        scheme="digest",
        realm=fields.get("realm", ""),
        nonce=fields["nonce"],
        opaque=fields.get("opaque"),
        algorithm=algorithm,
        named_algorithm="algorithm" in fields,
        qop_auth="auth" in offered,
        stale=fields.get("stale", "").lower() == "true",
    )


class Authenticator:
    """Answers for one connection; counts how often a nonce was used."""

    def __init__(self, credentials: Credentials, challenge: Challenge) -> None:
        self._credentials = credentials
        self._challenge = challenge
        self._count = 0

    def authorization(self, method: str, uri: str) -> str:
        if self._challenge.scheme == "basic":
            pair = f"{self._credentials.username}:{self._credentials.password}".encode()
            return "Basic " + base64.b64encode(pair).decode()
        return self._digest(method, uri)

    def _digest(self, method: str, uri: str) -> str:
        challenge, username = self._challenge, self._credentials.username
        hashed = _HASHES[challenge.algorithm]
        secret = hashed(f"{username}:{challenge.realm}:{self._credentials.password}".encode())
        action = hashed(f"{method}:{uri}".encode())
        parts = [
            f'username="{_escaped(username)}"',
            f'realm="{challenge.realm}"',
            f'nonce="{challenge.nonce}"',
            f'uri="{uri}"',
        ]
        if challenge.qop_auth:
            self._count += 1
            count, client = f"{self._count:08x}", secrets.token_hex(8)
            response = hashed(f"{secret}:{challenge.nonce}:{count}:{client}:auth:{action}".encode())
            parts += ["qop=auth", f"nc={count}", f'cnonce="{client}"']
        else:
            response = hashed(f"{secret}:{challenge.nonce}:{action}".encode())
        parts.append(f'response="{response}"')
        if challenge.opaque is not None:
            parts.append(f'opaque="{challenge.opaque}"')
        if challenge.named_algorithm:
            parts.append(f"algorithm={challenge.algorithm}")
        return "Digest " + ", ".join(parts)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
