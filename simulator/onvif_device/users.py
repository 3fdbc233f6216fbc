"""The device's users: who they are, what each may, and how the device misbehaves when one of them is changed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from lxml import etree

from simulator.onvif_device import answers
from simulator.onvif_device.faults import Faults
from simulator.virtual_camera.digest import Credentials

OPERATIONS = frozenset({"GetUsers", "SetUser", "CreateUsers", "DeleteUsers"})
LEVELS = ("Administrator", "Operator", "User")
_SCHEMA = "{http://www.onvif.org/ver10/schema}"


class Hangs(Exception):
    """What was asked is done, and no answer ever comes."""


@dataclass(frozen=True, slots=True)
class User:
    login: Credentials
    level: str


class Users:
    """None at all: everybody is let in."""

    def __init__(self, first: Credentials | None, faults: Faults) -> None:
        self._faults = faults
        self._lock = threading.Lock()
        self._users = {first.user: User(first, "Administrator")} if first else {}
        self._after_restart = dict(self._users)

    def __bool__(self) -> bool:
        return bool(self._users)

    def login(self, name: str) -> Credentials | None:
        user = self._users.get(name)
        return user.login if user else None

    def level(self, name: str) -> str | None:
        user = self._users.get(name)
        return user.level if user else None

    def restart(self) -> None:
        """What was taken, and waited for this, holds from now on."""
        with self._lock:
            self._users = dict(self._after_restart)

    def answer(self, name: str, operation: etree._Element) -> tuple[int, str]:
        """HTTP's status and the body's content."""
        if name == "GetUsers":
            return 200, f"<tds:GetUsersResponse>{''.join(map(_row, self._users.values()))}</tds:GetUsersResponse>"
        if self._faults.refuses_user:
            return 400, answers.fault("Sender", "OperationProhibited", "no user is changed here")
        with self._lock:
            refused = self._change(name, operation)
        if refused is not None:
            return 400, answers.fault("Sender", "InvalidArgVal", refused)
        if self._faults.hangs_at_user:
            raise Hangs
        if self._faults.errs_at_user:
            return 500, answers.fault("Receiver", "Action", "something went wrong")
        return 200, f"<tds:{name}Response/>"

    def _change(self, name: str, operation: etree._Element) -> str | None:
        users = dict(self._after_restart)
        if name == "DeleteUsers":
            for one in operation.iterfind(f"{{{answers.DEVICE}}}Username"):
                if users.pop(one.text or "", None) is None:
                    return "no such user"
        for row in operation.iterfind(f"{{{answers.DEVICE}}}User"):
            user = _read(row)
            if (user.login.user in users) is not (name == "SetUser"):
                return "no such user" if name == "SetUser" else "there is one of this name"
            if user.level not in LEVELS:
                return "no such level"
            known = users.get(user.login.user)
            users[user.login.user] = replace(user, login=known.login) if known and not user.login.password else user
        self._after_restart = users
        if not self._faults.user_after_restart:
            self._users = dict(users)
        return None


def _read(row: etree._Element) -> User:
    name, password, level = (row.findtext(f"{_SCHEMA}{part}") or "" for part in ("Username", "Password", "UserLevel"))
    return User(Credentials(name, password), level)


def _row(user: User) -> str:
    return (
        f"<tds:User><tt:Username>{escape(user.login.user)}</tt:Username>"
        f"<tt:UserLevel>{user.level}</tt:UserLevel></tds:User>"
    )
