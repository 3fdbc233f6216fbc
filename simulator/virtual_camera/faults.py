"""How a virtual camera misbehaves, and the text form of it: `[PATH=]KIND[:VALUE]`.

mute                       answers PLAY and sends nothing
hang:SECONDS               so long after PLAY nothing more comes; the connection stays
drop:FRACTION              so many of the RTP packets are lost
clock-step:SECONDS@AFTER   RTP and NTP time jump, so long after the stream began
refuse-password            every password is wrong
redirect:URL               DESCRIBE is answered with 302
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from foundation.errors import InvalidInput

KINDS = "mute, hang:SECONDS, drop:FRACTION, clock-step:SECONDS@AFTER, refuse-password, redirect:URL"


@dataclass(frozen=True, slots=True)
class ClockStep:
    by_us: int
    after_us: int


@dataclass(frozen=True, slots=True)
class Faults:
    mute: bool = False
    hang_after_s: float | None = None
    drop_fraction: float = 0.0
    clock_step: ClockStep | None = None
    refuse_password: bool = False
    redirect: str | None = None


def parse_faults(texts: Iterable[str], paths: Collection[str]) -> dict[str, Faults]:
    """Each path's faults; a text without a path holds for all of them."""
    faults = dict.fromkeys(paths, Faults())
    for text in texts:
        path, kind = _split_path(text)
        if path is not None and path not in faults:
            raise InvalidInput(f"there is no path {path!r}.", where=f"--fault {text}", mend=f"Paths: {_listed(paths)}.")
        change = _change(kind, text)
        for name in faults if path is None else (path,):
            faults[name] = replace(faults[name], **change)
    return faults


def _listed(paths: Collection[str]) -> str:
    return ", ".join(sorted(paths))


def _split_path(text: str) -> tuple[str | None, str]:
    before, equals, after = text.partition("=")
    # A colon before the sign belongs to a value, such as a redirect's URL.
    return (before, after) if equals and ":" not in before else (None, text)


def _change(kind: str, text: str) -> dict[str, Any]:
    name, _, value = kind.partition(":")
    match name, bool(value):
        case "mute", False:
            return {"mute": True}
        case "refuse-password", False:
            return {"refuse_password": True}
        case "redirect", True:
            return {"redirect": _url(value, text)}
        case "hang", True:
            return {"hang_after_s": _number(value, text, least=0)}
        case "drop", True:
            return {"drop_fraction": _number(value, text, least=0, most=1)}
        case "clock-step", True:
            return {"clock_step": _clock_step(value, text)}
    raise InvalidInput("no such fault.", where=f"--fault {text}", mend=f"Faults: {KINDS}.")


def _url(value: str, text: str) -> str:
    if not value.startswith(("rtsp://", "rtsps://")) or any(character.isspace() for character in value):
        raise InvalidInput("is not an RTSP URL.", where=f"--fault {text}", mend="Write redirect:rtsp://HOST/PATH.")
    return value


def _number(value: str, text: str, *, least: float = -math.inf, most: float = math.inf) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or not least <= number <= most:
        raise InvalidInput(f"{value!r} is no number allowed here.", where=f"--fault {text}", mend=f"Faults: {KINDS}.")
    return number


def _clock_step(value: str, text: str) -> ClockStep:
    step, _, after = value.partition("@")
    by_s, after_s = _number(step, text), _number(after or "0", text, least=0)
    return ClockStep(round(by_s * 1_000_000), round(after_s * 1_000_000))
