"""What a camera's health is, from what its recorder reports and what its device answered: one pure function.

The recorder speaks of a *channel*, which is the camera; a check speaks of a *device*, which several channels of a
recorder (NVR) share. Each alone misleads: pictures may come from a device whose clock is a day off, and a device may
answer every question while its stream is dead.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, get_args

State = Literal[
    "online",
    "clock_skew",
    "degraded",
    "stream_failed",
    "auth_failed",
    "unreachable",
    "unknown",
    "disabled",
    "maintenance",
]
STATES: tuple[State, ...] = get_args(State)  # of what is known, the better before the worse
CHOSEN: Final = frozenset({"disabled", "maintenance"})  # by a person
_RANK: Final = {state: place for place, state in enumerate(STATES)}


class Answer(StrEnum):
    """How a device answered its check."""

    OK = "ok"
    CLOCK_SKEW = "clock_skew"
    REPLACED = "replaced"  # another serial number than the registered one
    AUTH_REFUSED = "auth_refused"
    ODD = "odd"  # something answers, but not as a device should
    NOT_ASKED = "not_asked"  # its address may not be dialled
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Verdict:
    state: State
    cause: str | None = None
    mend: str | None = None
    until_us: int | None = None

    @property
    def rank(self) -> int:
        return _RANK[self.state]


NEVER_CHECKED: Final = Verdict("unknown", "It has not been checked yet.", "Wait a moment.")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of a device found."""

    answer: Answer
    cause: str | None = None
    mend: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """`channel` and `channel_cause` are the recorder's words (`device_registry.states`), None before its first.

    `device` is None where the device has not been asked, or not since the channel came or went.
    """

    channel: str | None
    channel_cause: str | None
    device: Finding | None
    has_onvif: bool
    disabled: bool = False
    maintenance_until_us: int | None = None
    maintenance_reason: str = ""


_CHANNEL_MENDS: Final = {
    "silent": "Restart the camera; look at its load and at the line to it.",
    "auth_failed": "Correct user name and password of this camera.",
    "refused": "Do what the cause says: path of the stream, transport, certificate.",
    "unreachable": "Check power, cable, address and port.",
}
_CHANNEL_CAUSES: Final = {
    "silent": "Connected, but no pictures come.",
    "auth_failed": "The camera refused user name or password.",
    "refused": "The camera refused its stream.",
    "unreachable": "Nothing answers at the address of the stream.",
}


def derive(facts: Facts) -> Verdict:
    """The camera's health as it is at this moment, before flapping is damped."""
    if facts.disabled:
        return Verdict("disabled", "Registered, but not recorded.", "Enable it when it is to be recorded.")
    if facts.maintenance_until_us is not None:
        mend = "Nothing until then; end it when the work is done."
        return Verdict("maintenance", facts.maintenance_reason, mend, facts.maintenance_until_us)
    if facts.channel == "recording":
        return _recording(facts)
    if facts.channel in _CHANNEL_CAUSES:
        return _failing(facts, facts.channel)
    return _unheard(facts)


def _recording(facts: Facts) -> Verdict:
    device = facts.device
    if device is None:
        if facts.has_onvif:
            return Verdict("unknown", "It is recorded; its device has not been checked yet.", "Wait a moment.")
        return Verdict("online")
    match device.answer:
        case Answer.OK:
            return Verdict("online")
        case Answer.CLOCK_SKEW:
            return Verdict("clock_skew", device.cause, device.mend)
    return Verdict("degraded", f"It is recorded, but: {device.cause or 'its device does not answer.'}", device.mend)


def _failing(facts: Facts, channel: str) -> Verdict:
    cause = facts.channel_cause or _CHANNEL_CAUSES[channel]
    mend = _CHANNEL_MENDS[channel]
    answer = facts.device.answer if facts.device is not None else None
    if channel == "auth_failed":
        return Verdict("auth_failed", cause, mend)
    if channel == "refused":
        return Verdict("stream_failed", cause, mend)
    if answer is Answer.UNREACHABLE or (channel == "unreachable" and answer in (None, Answer.NOT_ASKED)):
        return Verdict("unreachable", cause, _CHANNEL_MENDS["unreachable"])
    if channel == "unreachable":
        cause = f"Its device answers, but its stream does not: {cause[:1].lower()}{cause[1:]}"
        mend = "Restart the camera; check that RTSP is switched on, and its port."
    return Verdict("stream_failed", cause, mend)


def _unheard(facts: Facts) -> Verdict:
    """Nothing is known of its pictures: then only that nobody answers, or lets nobody in, is certain."""
    device = facts.device
    if facts.channel is None and device is not None:
        if device.answer is Answer.UNREACHABLE:
            return Verdict("unreachable", device.cause, device.mend)
        if device.answer is Answer.AUTH_REFUSED:
            return Verdict("auth_failed", device.cause, device.mend)
    cause = facts.channel_cause or "No recorder has reported of it yet."
    return Verdict("unknown", cause, "Wait a moment; if it stays so, see whether the recorder runs.")
