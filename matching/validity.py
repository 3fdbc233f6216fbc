"""Which records may be compared today: expired, withdrawn and review-overdue ones never are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

Lapse = Literal["expired", "withdrawn", "review_overdue", "not_issued"]
_US_PER_MINUTE = 60_000_000


class Listing(Protocol):
    """The dates of a list record, ISO 8601; each is the last day on which it still holds."""

    @property
    def issued_on(self) -> str: ...
    @property
    def review_on(self) -> str: ...
    @property
    def expires_on(self) -> str: ...
    @property
    def withdrawn_on(self) -> str | None: ...


def local_day(at_us: int, utc_offset_minutes: int) -> str:
    """The ISO date at the center: legal dates begin and end at local midnight."""
    moment = datetime.fromtimestamp((at_us + utc_offset_minutes * _US_PER_MINUTE) // 1_000_000, UTC)
    return moment.date().isoformat()


def lapse(listing: Listing, day: str) -> Lapse | None:
    """Why the record may not be compared on that day, or None."""
    if is_withdrawn(listing.withdrawn_on, day):
        return "withdrawn"
    if listing.expires_on < day:
        return "expired"
    if listing.review_on < day:
        return "review_overdue"
    return "not_issued" if listing.issued_on > day else None


def is_withdrawn(withdrawn_on: str | None, day: str) -> bool:
    return withdrawn_on is not None and withdrawn_on <= day


def days_after(day: str, days: int) -> str:
    return (datetime.fromisoformat(day) + timedelta(days=days)).date().isoformat()
