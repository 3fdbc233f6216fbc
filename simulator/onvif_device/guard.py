"""Who may ask: WS-Security's UsernameToken (digest) and HTTP Digest, as a strict device checks them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime

from lxml import etree

from simulator.onvif_device.users import Users
from simulator.virtual_camera.digest import Verdict, challenges, verify

_OASIS = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_WSSE = f"{_OASIS}wssecurity-secext-1.0.xsd}}"
_WSU = f"{_OASIS}wssecurity-utility-1.0.xsd}}"
_USERNAME = re.compile(r'\busername="([^"]*)"')
_WINDOW_S = 5.0  # the age by its own clock at which ONVIF devices commonly refuse a token


class Guard:
    """`refusals` counts all requests that were not let in, `wrong` those of them that named a user."""

    def __init__(self, users: Users, *, digest_only: bool, refuse: bool, locks_after: int | None = None) -> None:
        self._users = users
        self._digest_only = digest_only
        self._refuse = refuse
        self._nonce = secrets.token_hex(16)
        self._seen_nonces: set[bytes] = set()
        self._locks_after = locks_after
        self.refusals = self.wrong = 0

    @property
    def is_locked(self) -> bool:
        return self._locks_after is not None and self.wrong >= self._locks_after

    @property
    def challenges(self) -> list[str]:
        return challenges(self._nonce) if self._digest_only else []

    def admits(self, envelope: etree._Element, authorization: str | None, path: str, now_s: float) -> bool:
        if not self._users:
            return True
        if self._digest_only:
            admitted = authorization is not None and self._digest(authorization, path)
        else:
            admitted = self._token(envelope, now_s)
        admitted = admitted and not self._refuse and not self.is_locked
        self.refusals += not admitted
        names_user = authorization is not None or envelope.find(f".//{_WSSE}UsernameToken") is not None
        self.wrong += names_user and not admitted
        return admitted

    def _digest(self, authorization: str, path: str) -> bool:
        named = _USERNAME.search(authorization)
        credentials = self._users.login(named[1]) if named else None
        if credentials is None:
            return False
        found = verify(authorization, method="POST", uri=path, credentials=credentials, nonce=self._nonce)
        return found is Verdict.ACCEPTED

    def _token(self, envelope: etree._Element, now_s: float) -> bool:
        token = envelope.find(f".//{_WSSE}UsernameToken")
        credentials = self._users.login(token.findtext(f"{_WSSE}Username") or "") if token is not None else None
        if token is None or credentials is None:
            return False
        created = token.findtext(f"{_WSU}Created") or ""
        try:
            nonce = base64.b64decode(token.findtext(f"{_WSSE}Nonce") or "", validate=True)
            made_s = datetime.strptime(created, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
        except (ValueError, binascii.Error):
            return False
        fresh = abs(now_s - made_s) <= _WINDOW_S and nonce not in self._seen_nonces
        self._seen_nonces.add(nonce)
        hashed = hashlib.sha1(nonce + created.encode() + credentials.password.encode(), usedforsecurity=False)
        wanted = base64.b64encode(hashed.digest()).decode()
        return fresh and hmac.compare_digest(token.findtext(f"{_WSSE}Password") or "", wanted)
