"""What technicians keep of a camera beside how to reach it: device, mounting, people, purpose."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, TypeVar

from device_registry.camera_fields import InvalidCamera
from device_registry.gb_codes import device_id
from device_registry.onvif.endpoint import address_of
from foundation.errors import FieldProblem, InvalidInput

TEXTS: Final = {  # longest, characters
    "serial": 100,
    "firmware": 100,
    "address": 300,
    "watched_area": 300,
    "type": 50,
    "owner": 200,
    "managing_unit": 200,
    "contact": 200,
    "purpose": 500,
    "sign_evidence": 500,
}
NUMBERS: Final = {  # least and most
    "height_m": (0.0, 500.0),
    "azimuth_deg": (0.0, 360.0),
    "tilt_deg": (-90.0, 90.0),
    "fov_deg": (1.0, 360.0),
    "range_m": (1.0, 20_000.0),
}
DATES: Final = ("installed_on", "purpose_review_on")
FIELDS: Final = (
    "onvif_url", "serial", "firmware", "mac", "gb28181_id", "address", "height_m", "azimuth_deg", "tilt_deg", "fov_deg",
    "range_m", "watched_area", "type", "owner", "managing_unit", "contact", "installed_on", "purpose",
    "purpose_review_on", "sign_evidence",
)  # fmt: skip
# Written by `cameras.save`, taken back here.
CLEARABLE: Final = frozenset({*FIELDS, "maker", "model", "latitude", "longitude"})
_MAC: Final = re.compile("[0-9a-f]{12}")

_Value = TypeVar("_Value", str, float)


def parsed(code: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """What somebody wrote in these columns, as it is kept. Raises `InvalidCamera` with every problem."""
    given: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for name, text in texts.items():
        if name in FIELDS:
            try:
                given[name] = _value(name, text.strip())
            except (ValueError, InvalidInput):
                problems.append(_problem(name))
    if problems:
        raise InvalidCamera(code, problems)
    return given


def _value(name: str, text: str) -> str | float:
    if name in NUMBERS:
        least, most = NUMBERS[name]
        return _fit(value := float(text), math.isfinite(value) and least <= value <= most)
    if name in DATES:
        return date.fromisoformat(text).isoformat()
    if name == "onvif_url":
        return address_of(text)
    if name == "mac":
        digits = re.sub("[:.-]", "", text).lower()
        return ":".join(_pairs(_fit(digits, _MAC.fullmatch(digits) is not None)))
    if name == "gb28181_id":
        found = device_id(text)
        return _fit(text, found is not None and found.is_front_end)
    return _fit(text, 0 < len(text) <= TEXTS[name] and text.isprintable())


def _fit(value: _Value, fits: bool) -> _Value:
    if not fits:
        raise ValueError
    return value


def _pairs(digits: str) -> Iterator[str]:
    return (digits[at : at + 2] for at in range(0, len(digits), 2))


def _problem(name: str) -> FieldProblem:
    if name in NUMBERS:
        least, most = NUMBERS[name]
        unit = "metres" if name.endswith("_m") else "degrees"
        return FieldProblem(name, f"this is no number from {least:g} to {most:g}.", f"Write {unit}, such as 12.5.")
    if name in DATES:
        return FieldProblem(name, "this is no date.", "Write it as 2026-11-25.")
    if name == "onvif_url":
        what = "this is no address of an ONVIF device, or it holds a user name."
        return FieldProblem(name, what, "Write HOST, HOST:PORT or http(s)://HOST[:PORT][/PATH].")
    if name == "mac":
        return FieldProblem(name, "this is no MAC address.", "Write its 12 hexadecimal digits, as 00:1a:2b:3c:4d:5e.")
    if name == "gb28181_id":
        what = "this is no GB/T 28181 ID of a camera: 20 digits, a division first, 131 or 132 from the eleventh on."
        return FieldProblem(name, what, "Write it as the platform tells it; format the cell as text.")
    return FieldProblem(name, f"the text is longer than {TEXTS[name]} or not printable.", "Shorten or mend it.")
