"""How the device misbehaves, and the text form of it: `KIND[:VALUE]`.

refuse-password      every password is wrong
digest-only          signs in by HTTP Digest and by no token
time-signed          tells its time only to those who signed in
skew:SECONDS         its clock is so far ahead, behind if negative
redirect:URL         every request is answered with 307
lying-address:HOST   names another host in all addresses that it tells
slow:SECONDS         sends a byte of its answer every so often
endless              its answer has no end
silent               takes the request and never answers
media2-only          has no older media service; its main stream is H.265
old                  does not know GetServices, as devices before 2012
xml-bomb             its answers have a document type with entities that multiply
encoding:NAME        its answers come in this encoding, and say so
web-page             answers with a page of HTML
empty                answers with nothing
refuses-user         changes no user
errs-at-user         changes the user, and answers with a fault
hangs-at-user        changes the user, and never answers
user-after-restart   takes a change of users, which holds only after a restart
locks-after:COUNT    lets nobody in any more after so many wrong passwords, and says so
forgetful            says yes to every change and changes nothing
refuses:OPERATION    answers no to this operation
reboot:SECONDS       is so long silent when it starts anew; 1 without this
no-events            has no event service
no-renew             does not know how to renew a subscription
short-lease:SECONDS  grants no subscription a longer lease, whatever it is asked for
forgets-subscription:COUNT  forgets a subscription after so many pulls
event-flood          always has more to tell than it is asked for
event-garbage        tells what is no notification
"""

from __future__ import annotations

import codecs
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from foundation.errors import InvalidInput

KINDS = (
    "refuse-password, digest-only, time-signed, skew:SECONDS, redirect:URL, lying-address:HOST, slow:SECONDS, endless, "
    "silent, media2-only, old, xml-bomb, encoding:NAME, web-page, empty, refuses-user, errs-at-user, hangs-at-user, "
    "user-after-restart, locks-after:COUNT, forgetful, refuses:OPERATION, reboot:SECONDS, no-events, no-renew, "
    "short-lease:SECONDS, forgets-subscription:COUNT, event-flood, event-garbage"
)


@dataclass(frozen=True, slots=True)
class Faults:
    refuse_password: bool = False
    digest_only: bool = False
    time_signed: bool = False
    skew_s: float = 0.0
    redirect: str | None = None
    lying_address: str | None = None
    slow_s: float = 0.0
    endless: bool = False
    silent: bool = False
    media2_only: bool = False
    old: bool = False
    xml_bomb: bool = False
    encoding: str = "utf-8"
    web_page: bool = False
    empty: bool = False
    refuses_user: bool = False
    errs_at_user: bool = False
    hangs_at_user: bool = False
    user_after_restart: bool = False
    locks_after: int | None = None
    forgetful: bool = False
    refuses: frozenset[str] = frozenset()
    reboot_s: float = 1.0
    no_events: bool = False
    no_renew: bool = False
    short_lease_s: float = 0.0
    forgets_subscription: int = 0
    event_flood: bool = False
    event_garbage: bool = False


_FLAGS = frozenset(field.name for field in fields(Faults) if field.default is False)


def parse_faults(texts: Iterable[str]) -> Faults:
    faults = Faults()
    for text in texts:
        kind, colon, value = text.partition(":")
        name = kind.replace("-", "_")
        if name in _FLAGS and not colon:
            change: dict[str, Any] = {name: True}
            faults = replace(faults, **change)
        elif value:
            faults = _with_value(faults, kind, value, text)
        else:
            raise _unknown(text)
    return faults


def _with_value(faults: Faults, kind: str, value: str, text: str) -> Faults:
    if kind == "refuses":
        return replace(faults, refuses=faults.refuses | {value})
    if kind not in _VALUES:
        raise _unknown(text)
    name, read = _VALUES[kind]
    change: dict[str, Any] = {name: read(value, text)}
    return replace(faults, **change)


def _seconds(value: str, text: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InvalidInput(f"{value!r} is no number of seconds.", where=f"--fault {text}", mend="Write skew:-3600.")
    return number


def _count(value: str, text: str) -> int:
    if not (value.isascii() and value.isdecimal() and 0 < int(value[:9]) < 1000):
        raise InvalidInput(f"{value!r} is no count.", where=f"--fault {text}", mend="Write locks-after:3.")
    return int(value)


def _known_encoding(value: str, text: str) -> str:
    try:
        codecs.lookup(value)
    except LookupError:
        raise InvalidInput("no such encoding.", where=f"--fault {text}", mend="Write encoding:utf-16.") from None
    return value


def _duration(value: str, text: str) -> float:
    return abs(_seconds(value, text))


def _as_it_is(value: str, _text: str) -> str:
    return value


# What stands after the colon: the field that it sets, and how it is read.
_VALUES: dict[str, tuple[str, Callable[[str, str], object]]] = {
    "skew": ("skew_s", _seconds),
    "slow": ("slow_s", _duration),
    "short-lease": ("short_lease_s", _duration),
    "reboot": ("reboot_s", _duration),
    "forgets-subscription": ("forgets_subscription", _count),
    "locks-after": ("locks_after", _count),
    "redirect": ("redirect", _as_it_is),
    "lying-address": ("lying_address", _as_it_is),
    "encoding": ("encoding", _known_encoding),
}


def _unknown(text: str) -> InvalidInput:
    return InvalidInput("no such fault.", where=f"--fault {text}", mend=f"Faults: {KINDS}.")
