"""Browsers that people signed in with before, each known by a sealed cookie with the accounts that it is known for.

It lets nobody in. It only says that guesses from this browser, at these accounts, are counted apart from strangers'.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace

from foundation.errors import InvalidInput
from foundation.keyring import Keyring

PURPOSE = "device"
MOST_ACCOUNTS = 20  # colleagues at one workstation
LONGEST = 2048
# What stands in base64 and in no cookie.
_TO_COOKIE, _FROM_COOKIE = str.maketrans("/=", "_."), str.maketrans("_.", "/=")


@dataclass(frozen=True, slots=True)
class Device:
    id: str
    account_ids: tuple[str, ...] = ()  # who signed in last comes first

    @classmethod
    def new(cls) -> Device:
        return cls(secrets.token_hex(16))

    def key_for(self, account_id: str) -> str | None:
        """What the throttle knows this browser by, at this account; None at others'."""
        return f"{self.id}:{account_id}" if account_id in self.account_ids else None

    def with_account(self, account_id: str) -> Device:
        others = [other for other in self.account_ids if other != account_id]
        return replace(self, account_ids=(account_id, *others)[:MOST_ACCOUNTS])


def to_cookie(keyring: Keyring, device: Device) -> str:
    content = json.dumps([device.id, *device.account_ids]).encode()
    return keyring.seal(content, PURPOSE).translate(_TO_COOKIE)


def from_cookie(keyring: Keyring, cookie: str | None) -> Device | None:
    """None for what this center has not sealed: the browser is a stranger's then."""
    if cookie is None or len(cookie) > LONGEST or cookie.partition(":")[0] not in keyring.ids:
        return None  # an unknown key would be looked for on the disk
    try:
        device_id, *account_ids = json.loads(keyring.unseal(cookie.translate(_FROM_COOKIE), PURPOSE))
    except InvalidInput:
        return None
    return Device(device_id, tuple(account_ids))
