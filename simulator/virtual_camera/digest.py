"""Digest authentication (RFC 7616, and RFC 2617 as cameras have it), on the server's side."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

REALM = "virtual camera"
_PARAMETER = re.compile(r'([a-zA-Z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


class Verdict(Enum):
    ACCEPTED = auto()
    STALE = auto()  # the right password, for a nonce that is not this connection's
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Credentials:
    user: str
    password: str = field(repr=False)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_ALGORITHMS: dict[str, Callable[[str], str]] = {"MD5": _md5, "SHA-256": _sha256}


def challenges(nonce: str, *, stale: bool = False) -> list[str]:
    """One `WWW-Authenticate` value per algorithm, the preferred first. Clients that know only the last still sign in.

    MD5 goes without `qop`, as most cameras send it; SHA-256 with it, as RFC 7616 has it.
    """
    common = f'Digest realm="{REALM}", nonce="{nonce}"' + (", stale=true" if stale else "")
    return [f'{common}, algorithm=SHA-256, qop="auth"', f"{common}, algorithm=MD5"]


def verify(authorization: str, *, method: str, uri: str, credentials: Credentials, nonce: str) -> Verdict:
    scheme, _, rest = authorization.partition(" ")
    given = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(rest)}
    hashed = _ALGORITHMS.get(given.get("algorithm", "MD5").upper())
    if scheme.lower() != "digest" or hashed is None or given.get("uri") != uri:
        return Verdict.REFUSED
    expected = _response(hashed, given, method, credentials)
    same_user = hmac.compare_digest(given.get("username", "").encode(), credentials.user.encode())
    if not hmac.compare_digest(given.get("response", "").encode(), expected.encode()) or not same_user:
        return Verdict.REFUSED
    return Verdict.ACCEPTED if given.get("nonce") == nonce else Verdict.STALE


def _response(hashed: Callable[[str], str], given: dict[str, str], method: str, credentials: Credentials) -> str:
    secret = hashed(f"{credentials.user}:{given.get('realm', '')}:{credentials.password}")
    request = hashed(f"{method}:{given.get('uri', '')}")
    middle = [given.get("nonce", "")]
    if "qop" in given:
        middle += [given.get("nc", ""), given.get("cnonce", ""), given["qop"]]
    return hashed(":".join([secret, *middle, request]))
