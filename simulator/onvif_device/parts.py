"""Parts of a request, and how a change is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from simulator.onvif_device.answers import DEVICE, IMAGING, MEDIA, MEDIA2, PTZ
from simulator.onvif_device.state import State

NAMES = {
    "tt": "http://www.onvif.org/ver10/schema",
    "tds": DEVICE,
    "trt": MEDIA,
    "tr2": MEDIA2,
    "tptz": PTZ,
    "timg": IMAGING,
}

# The request, what the device keeps, and what its clock says in microseconds; the contents of the answer's body.
Operation = Callable[[Any, State, int], str]


class Refused(Exception):
    """`subcode` is ONVIF's, such as InvalidArgVal."""

    def __init__(self, subcode: str, reason: str) -> None:
        self.subcode = subcode
        super().__init__(reason)


def find(element: etree._Element, path: str) -> etree._Element | None:
    return element.find(path, NAMES)


def text(element: etree._Element, path: str) -> str:
    return (element.findtext(path, namespaces=NAMES) or "").strip()


def number(content: str | None, least: float, most: float) -> float:
    try:
        value = float(content or "")
    except ValueError:
        value = most + 1
    if not least <= value <= most:
        raise Refused("InvalidArgVal", f"{content} is not between {least:g} and {most:g}")
    return value
