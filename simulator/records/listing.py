"""What a list record stands on: ground, issuer, instrument and dates, for records in force and for lapsed ones."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Literal

from simulator.records.schema import GROUNDS, ListName

Standing = Literal["active", "expired", "withdrawn", "overdue"]
Row = dict[str, str]
# Shorter than the longest validity that any ground allows.
_VALID_DAYS: dict[ListName, int] = {
    "wanted": 1460,
    "absconded": 900,
    "missing": 1460,
    "endangered": 1460,
    "protection_order": 360,
    "judicial": 700,
}
_ISSUERS: dict[ListName, tuple[str, ...]] = {
    "wanted": ("示范市公安局", "Model City Police"),
    "absconded": ("示范市看守所", "示范市东城县司法局", "Model City Probation Office"),
    "missing": ("河滨派出所", "古塔派出所"),
    "endangered": ("河滨派出所", "示范市未成年人保护中心"),
    "protection_order": ("示范市中级人民法院", "Model City Family Court"),
    "judicial": ("示范市中级人民法院", "Model City District Court"),
}
_ACTIONS: dict[str, str] = {
    "arrest_warrant": "verify identity, detain, tell the issuer",
    "escaped_custody": "verify identity, detain, tell the place of custody",
    "breached_bail": "verify identity, tell the issuer",
    "breached_supervision": "verify identity, tell the supervising authority",
    "missing_person_report": "make sure of the person's safety, tell the reporting station",
    "missing_child": "make the child safe, tell the station at once",
    "adult_at_risk": "make the person safe, tell the guardian",
    "court_order": "tell the court and the protected person's contact",
    "summons": "serve the summons, tell the court",
    "witness": "tell the court where the witness can be reached",
}


def listing(
    random: Random, list_name: ListName, today: date, number: int, standing: Standing, seen: date, *, child: bool
) -> Row:
    """The listing columns of one record. `seen`: the day a missing person was last seen, which the report follows."""
    ground = _ground(random, list_name, child=child)
    issued = seen + timedelta(days=random.randint(0, 9)) if list_name in ("missing", "endangered") else None
    issued, review, expires = _dates(random, list_name, today, standing, issued)
    withdrawn = today - timedelta(days=random.randint(2, 10)) if standing == "withdrawn" else None
    return {
        "ground": ground,
        "issuer": random.choice(_ISSUERS[list_name]),
        "instrument": f"({issued.year})示{list_name[:2].upper()}字第{number:05}号",
        "issued_on": issued.isoformat(),
        "action": _ACTIONS[ground],
        "review_on": review.isoformat(),
        "expires_on": expires.isoformat(),
        "withdrawn_on": withdrawn.isoformat() if withdrawn else "",
    }


def _ground(random: Random, list_name: ListName, *, child: bool) -> str:
    if list_name == "endangered":
        return "missing_child" if child else "adult_at_risk"
    return random.choice(GROUNDS[list_name])


def _dates(
    random: Random, list_name: ListName, today: date, standing: Standing, issued: date | None
) -> tuple[date, date, date]:
    """Issue, review, expiry. Records in force stay so for 45 days and more."""
    valid_days = _VALID_DAYS[list_name]
    issued = issued or today - timedelta(days=random.randint(20, valid_days - 90))
    if standing == "expired":
        expires = today - timedelta(days=random.randint(3, 10))
        return issued, issued + (expires - issued) / 2, expires
    expires = issued + timedelta(days=valid_days)
    if standing == "overdue":
        return issued, today - timedelta(days=random.randint(3, 15)), expires
    return issued, today + timedelta(days=random.randint(45, (expires - today).days)), expires
