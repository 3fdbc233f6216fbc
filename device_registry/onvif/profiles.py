"""Media profiles (ONVIF Media and Media2) in one form, and which of them to record and which to analyse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_RECORDABLE = ("H264", "H265")
# A sub stream is decoded for analysis and shown in walls of pictures; below this a person is a few pixels high.
_SUB_PIXELS = 640 * 360
_LEAST_SUB_WIDTH = 320


@dataclass(frozen=True, slots=True)
class Profile:
    token: str
    name: str
    source: str | None  # token of the video source: one for each channel of an NVR
    encoding: str | None  # H264, H265, JPEG or MPEG4
    width: int = 0
    height: int = 0
    frame_rate: float | None = None
    bit_rate_kbps: int | None = None
    gop: int | None = None  # frames from one keyframe to the next
    audio: str | None = None
    ptz: bool = False

    @property
    def pixels(self) -> int:
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class Choice:
    source: str | None
    main: Profile
    sub: Profile | None


def choose(profiles: Iterable[Profile]) -> list[Choice]:
    """For each video source the profile to record and, if there is another fit for it, the one to analyse.

    The main one has the most pixels, then the highest bit rate. The sub one is the nearest to 640x360, H.264 before
    H.265 because browsers play it.
    """
    by_source: dict[str | None, list[Profile]] = {}
    for profile in profiles:
        if profile.encoding in _RECORDABLE:
            by_source.setdefault(profile.source, []).append(profile)
    return [_chosen(source, offered) for source, offered in by_source.items()]


def _chosen(source: str | None, offered: Sequence[Profile]) -> Choice:
    main = max(offered, key=lambda one: (one.pixels, one.bit_rate_kbps or 0))
    smaller = [one for one in offered if one.width >= _LEAST_SUB_WIDTH and 0 < one.pixels < main.pixels]
    sub = min(smaller, key=lambda one: (one.encoding != "H264", abs(one.pixels - _SUB_PIXELS)), default=None)
    return Choice(source, main, sub)
