"""Notifications of devices, reduced to what may be kept of them.

Of a notification only named items of named topics are read. Whatever else a device tells, faces, ages, clothing and the
results of recognising persons above all, is dropped here: it is in no `DeviceEvent`, and nothing of it is logged. What
is dropped is counted under names of a closed set.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from lxml import etree

from device_registry.onvif.envelope import printable
from device_registry.onvif.event_times import Timeline, TimeSource, utc_us
from device_registry.onvif.faults import AnswerRefused
from device_registry.onvif.topics import OTHER, EventKind, Topic, counted_as, path_of, taken

PropertyOperation = Literal["initialized", "changed", "deleted"]
Dropped = tuple[str, Literal["topic", "form", "too_many"]]  # as what it is counted, and why it was dropped

MAX_MESSAGES = 100  # of one answer
EVENTS = "http://www.onvif.org/ver10/events/wsdl"
NOTIFICATION = "http://docs.oasis-open.org/wsn/b-2"
SCHEMA = "http://www.onvif.org/ver10/schema"
_MESSAGE = f"{{{NOTIFICATION}}}NotificationMessage"
_HOLDERS = {  # what notifications come in, and where in it they stand
    f"{{{EVENTS}}}PullMessagesResponse": _MESSAGE,
    f"{{{NOTIFICATION}}}Notify": _MESSAGE,
    f"{{{SCHEMA}}}MetadataStream": f"{{{SCHEMA}}}Event/{_MESSAGE}",
}
_FRAMES = f"{{{SCHEMA}}}VideoAnalytics"  # objects of each picture, people among them
_SOURCES = ("VideoSourceConfigurationToken", "VideoSource", "VideoSourceToken", "Source", "channel")
_INPUTS = ("InputToken", "port")
_RULES = ("Rule", "RuleName")
_TRUE, _FALSE = frozenset({"true", "1", "active", "on"}), frozenset({"false", "0", "inactive", "off"})
_OPERATIONS: dict[str, PropertyOperation] = {
    "Initialized": "initialized",
    "Changed": "changed",
    "Deleted": "deleted",
}
_MAX_NAME = 64
_PLATE = re.compile(r"(?=.*\d)[\w·•.\- ]{2,16}")
_REGION = re.compile(r"[A-Z]{2,3}", re.ASCII)
_BRAND = re.compile(r"[A-Za-z][A-Za-z0-9 -]{1,19}", re.ASCII)
_VEHICLES = frozenset({"bus", "car", "truck", "bicycle", "motorcycle", "van"})
_COLOURS = frozenset(
    {
        "black",
        "white",
        "grey",
        "gray",
        "silver",
        "red",
        "blue",
        "green",
        "yellow",
        "orange",
        "brown",
        "purple",
        "pink",
        "gold",
    }
)


@dataclass(frozen=True, slots=True)
class DevicePlate:
    """A plate as the device read it (ONVIF Profile M: `tt:LicensePlateInfo`, `tt:VehicleInfo`)."""

    text: str
    region: str | None = None  # country, ISO 3166-1
    likelihood: float | None = None  # 0 to 1
    vehicle_type: str | None = None
    vehicle_colour: str | None = None
    vehicle_brand: str | None = None


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    kind: EventKind
    at_us: int  # UTC by this machine's clock
    time_from: TimeSource
    active: bool | None  # None: it happened, and has no end
    source: str | None  # token of the video source, its configuration or the input
    rule: str | None  # name that a technician gave it at the device
    operation: PropertyOperation | None
    plate: DevicePlate | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    events: tuple[DeviceEvent, ...]
    dropped: Counter[Dropped]


@dataclass
class EventReader:
    """Reads the notifications of one device in the order in which they come."""

    timeline: Timeline = field(default_factory=Timeline)

    def read(self, holder: etree._Element, arrived_us: int, clock_offset_us: int = 0, where: str = "device") -> Reading:
        """Read an answer to PullMessages, a Notify, or a metadata stream's document.

        `clock_offset_us` is the device's clock minus this machine's. Raises `AnswerRefused` for any other element.
        """
        path = _HOLDERS.get(holder.tag)
        if path is None:
            raise AnswerRefused("the answer holds no notifications.", where=where, mend="Update the camera's firmware.")
        events, dropped = [], Counter[Dropped]()
        for place, message in enumerate(holder.iterfind(path)):
            found = _told(message) if place < MAX_MESSAGES else (OTHER, "too_many")
            if isinstance(found, _Told):
                events.append(self._placed(found, arrived_us, clock_offset_us))
            else:
                dropped[found] += 1
        if frames := len(holder.findall(_FRAMES)):
            dropped["VideoAnalytics", "topic"] += frames
        return Reading(tuple(events), dropped)

    def _placed(self, told: _Told, arrived_us: int, clock_offset_us: int) -> DeviceEvent:
        at_us, time_from = self.timeline.place(told.source, told.utc_us, arrived_us, clock_offset_us)
        return DeviceEvent(told.kind, at_us, time_from, told.active, told.source, told.rule, told.operation, told.plate)


@dataclass(frozen=True, slots=True)
class _Told:
    kind: EventKind
    utc_us: int | None  # by the device's clock
    active: bool | None
    source: str | None
    rule: str | None
    operation: PropertyOperation | None
    plate: DevicePlate | None


def _told(notification: etree._Element) -> _Told | Dropped:
    element = notification.find(f"{{{NOTIFICATION}}}Topic")
    path = path_of(element.text or "", element.nsmap) if element is not None else ""
    topic = taken(path)
    if topic is None:
        return counted_as(path), "topic"
    message = notification.find(f"{{{NOTIFICATION}}}Message/{{{SCHEMA}}}Message")
    found = _read(message, topic) if message is not None else None
    return found or (topic.name, "form")


def _read(message: etree._Element, topic: Topic) -> _Told | None:
    source, data = _items(message, "Source"), _items(message, "Data")
    operation = _OPERATIONS.get(message.get("PropertyOperation") or "")
    state = _first(data, topic.states)
    # What was going on and exists no more is over; what has no end is not told of anew by its end.
    active = False if operation == "deleted" else _as_bool(state)
    if topic.may_lack_state and operation == "deleted":
        return None
    if active is None and (state is not None or not topic.may_lack_state):
        return None
    plate = _plate(message, data) if topic.kind == "plate_read" else None
    if topic.kind == "plate_read" and plate is None:
        return None
    tokens = _INPUTS if topic.kind == "digital_input" else _SOURCES
    return _Told(
        kind=topic.kind,
        utc_us=utc_us(message.get("UtcTime") or ""),
        active=active,
        source=_name(_first(source, tokens)),
        rule=_name(_first(source, _RULES)),
        operation=operation,
        plate=plate,
    )


def _items(message: etree._Element, part: str) -> dict[str, str]:
    rows = message.iterfind(f"{{{SCHEMA}}}{part}/{{{SCHEMA}}}SimpleItem")
    items: dict[str, str] = {}
    for row in rows:
        items.setdefault(row.get("Name") or "", row.get("Value") or "")
    return items


def _first(items: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((items[name] for name in names if name in items), None)


def _as_bool(text: str | None) -> bool | None:
    word = (text or "").strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def _name(text: str | None) -> str | None:
    return printable(text)[:_MAX_NAME] or None if text else None


def _plate(message: etree._Element, data: dict[str, str]) -> DevicePlate | None:
    number = next(_within(message, "LicensePlateInfo", "PlateNumber"), None)
    country = next(_within(message, "LicensePlateInfo", "CountryCode"), None)
    vehicle = {name: _text(next(_within(message, "VehicleInfo", name), None)) for name in ("Type", "Brand", "Color")}
    told = number.get("Likelihood") if number is not None else None
    return device_plate(
        _text(number) if number is not None else data.get("PlateNumber"),
        region=_text(country) or data.get("CountryCode"),
        likelihood=_likelihood(told or data.get("Likelihood")),
        vehicle_type=vehicle["Type"],
        vehicle_colour=vehicle["Color"] or data.get("VehicleColor"),
        vehicle_brand=vehicle["Brand"],
    )


def device_plate(
    text: str | None,
    *,
    region: str | None = None,
    likelihood: float | None = None,
    vehicle_type: str | None = None,
    vehicle_colour: str | None = None,
    vehicle_brand: str | None = None,
) -> DevicePlate | None:
    """What may be kept of it: what has not the form of what it should be is left out. None: the text is no plate."""
    plate = unicodedata.normalize("NFKC", text or "").strip().upper()
    if not _PLATE.fullmatch(plate):
        return None
    return DevicePlate(
        text=plate,
        region=_matching(_REGION, (region or "").upper()),
        likelihood=likelihood,
        vehicle_type=_one_of(_VEHICLES, vehicle_type),
        vehicle_colour=_one_of(_COLOURS, vehicle_colour),
        vehicle_brand=_matching(_BRAND, vehicle_brand or ""),
    )


def _within(message: etree._Element, item: str, name: str) -> Iterator[etree._Element]:
    """Elements of that name in the structure that an item of the data holds."""
    for row in message.iterfind(f"{{{SCHEMA}}}Data/{{{SCHEMA}}}ElementItem[@Name='{item}']"):
        yield from row.iterfind(f"{{{SCHEMA}}}{item}/{{{SCHEMA}}}{name}")


def _text(element: etree._Element | None) -> str | None:
    return (element.text or "").strip() or None if element is not None else None


def _matching(form: re.Pattern[str], text: str) -> str | None:
    return text if form.fullmatch(text) else None


def _one_of(words: frozenset[str], text: str | None) -> str | None:
    word = (text or "").lower()
    return word if word in words else None


def _likelihood(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return round(number, 4) if 0 <= number <= 1 else None
