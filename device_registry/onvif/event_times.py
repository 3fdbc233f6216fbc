"""When an event was: by the device's clock as far as it can be believed, else when it arrived."""

from __future__ import annotations

import re
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import Literal

from foundation.clock import US_PER_S

TimeSource = Literal["device", "arrival"]

MAX_AGE_US = 600 * US_PER_S  # a device keeps events while nobody pulls them, but no longer than its lease
MAX_AHEAD_US = 2 * US_PER_S  # devices tell their time in whole seconds
_MOST_SOURCES = 1024
# xs:dateTime; there are devices that leave the zone out, and such that write it without a colon.
_FORM = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?(?:Z|([+-])(\d\d):?(\d\d))?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Timeline:
    """The times of one device's events: those of each of its sources never run backwards."""

    def __init__(self) -> None:
        self._last_us: OrderedDict[str | None, int] = OrderedDict()

    def place(
        self, source: str | None, told_us: int | None, arrived_us: int, clock_offset_us: int
    ) -> tuple[int, TimeSource]:
        """`clock_offset_us` is the device's clock minus this machine's."""
        at_us, told_by = self._believed(told_us, arrived_us, clock_offset_us)
        at_us = max(at_us, self._last_us.pop(source, at_us))
        self._last_us[source] = at_us
        if len(self._last_us) > _MOST_SOURCES:
            self._last_us.popitem(last=False)
        return at_us, told_by

    @staticmethod
    def _believed(told_us: int | None, arrived_us: int, clock_offset_us: int) -> tuple[int, TimeSource]:
        if told_us is None:
            return arrived_us, "arrival"
        at_us = told_us - clock_offset_us
        if not arrived_us - MAX_AGE_US <= at_us <= arrived_us + MAX_AHEAD_US:
            return arrived_us, "arrival"
        return min(at_us, arrived_us), "device"


def utc_us(text: str) -> int | None:
    """Microseconds of an `xs:dateTime`; one without a zone is UTC. None for what is none."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    micros = int((found[7] or "0")[:6].ljust(6, "0"))
    zone_min = (int(found[9]) * 60 + int(found[10])) * (-1 if found[8] == "-" else 1) if found[8] else 0
    try:
        moment = datetime(year, month, day, hour, minute, min(second, 59), micros, tzinfo=UTC)
        return (moment - timedelta(minutes=zone_min) - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None
