"""ONVIF's requests and answers as XML elements.

For services whose definition is not among those of onvif-zeep, and where what a device told has to go back to it whole
but for one value: a definition would drop what it does not know.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from lxml import etree

from device_registry.onvif.envelope import printable

NAMES: Final = {
    "tt": "http://www.onvif.org/ver10/schema",
    "tds": "http://www.onvif.org/ver10/device/wsdl",
    "trt": "http://www.onvif.org/ver10/media/wsdl",
    "tr2": "http://www.onvif.org/ver20/media/wsdl",
    "tptz": "http://www.onvif.org/ver20/ptz/wsdl",
    "timg": "http://www.onvif.org/ver20/imaging/wsdl",
}
_MOST: Final = 1e12  # no setting of a camera is larger


class Span(NamedTuple):
    """The numbers from the least to the most that a device takes, both included."""

    least: float
    most: float


def new(name: str, **parts: str) -> etree._Element:
    """`tptz:Stop` with children of the same namespace, in this order."""
    prefix = name.partition(":")[0]
    element = etree.Element(_tag(name), nsmap={prefix: NAMES[prefix], "tt": NAMES["tt"]})
    for part, content in parts.items():
        add(element, f"{prefix}:{part}", content)
    return element


def add(parent: etree._Element, name: str, content: str | None = None, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, _tag(name), attributes)
    child.text = content
    return child


def find(element: etree._Element | None, path: str) -> etree._Element | None:
    return None if element is None else element.find(path, NAMES)


def find_all(element: etree._Element | None, path: str) -> list[etree._Element]:
    return [] if element is None else list(element.iterfind(path, NAMES))


def text(element: etree._Element | None, path: str) -> str | None:
    """One printable line; None where there is nothing."""
    found = find(element, path)
    return (printable(found.text or "") or None) if found is not None else None


def number(content: str | None) -> float | None:
    """A number that a camera can mean, whole ones as `int`; None for what is none."""
    try:
        value = float(content or "")
    except ValueError:
        return None
    if not -_MOST < value < _MOST:
        return None
    return int(value) if value == int(value) else value


def span(element: etree._Element | None, path: str) -> Span | None:
    """An `IntRange` or `FloatRange`; None where either end is missing or they are the wrong way round."""
    found = find(element, path)
    least, most = number(text(found, "tt:Min")), number(text(found, "tt:Max"))
    return Span(least, most) if least is not None and most is not None and least <= most else None


def renamed(element: etree._Element, name: str) -> etree._Element:
    """The same content under another name: what a device told under one is set under another."""
    copy = etree.fromstring(etree.tostring(element, with_tail=False))
    copy.tag = _tag(name)
    return copy


def _tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{NAMES[prefix]}}}{local}"
