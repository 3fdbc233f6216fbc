"""A video source's picture, read and set (ONVIF Imaging Service, section 5.2)."""

from __future__ import annotations

from typing import Final

from lxml import etree

from device_registry.onvif.elements import Span, add, find, find_all, new, number, span, text
from device_registry.onvif.services import Connected
from device_registry.onvif.setting import Problem, Value, Values

# In the order of the schema, which devices insist on: each with its place in the settings.
_LEVELS: Final = {"brightness": "tt:Brightness", "saturation": "tt:ColorSaturation", "contrast": "tt:Contrast"}
_PATHS: Final = _LEVELS | {"exposure": "tt:Exposure/tt:Mode", "ir_cut": "tt:IrCutFilter"}
_MODES: Final = {"exposure": "tt:Exposure/tt:Mode", "ir_cut": "tt:IrCutFilterModes"}  # within the options


class Picture:
    """Settings: `brightness`, `saturation` and `contrast` in the device's own numbers, `exposure` (AUTO or MANUAL) and
    `ir_cut` (ON: by day, OFF: by night, AUTO)."""

    name = "picture"

    def __init__(self, connected: Connected, source: str) -> None:
        self._connected = connected
        self._source = source

    def read(self) -> dict[str, Value]:
        return settings_of(self._connected.ask(new("timg:GetImagingSettings", VideoSourceToken=self._source)))

    def problems(self, wanted: Values) -> list[Problem]:
        answer = self._connected.ask(new("timg:GetOptions", VideoSourceToken=self._source))
        options = find(answer, "timg:ImagingOptions")
        return [problem for name in wanted if (problem := _problem(name, wanted[name], options))]

    def write(self, values: Values) -> None:
        """Only what is named: a device keeps the rest, and may refuse what it told of it."""
        request = new("timg:SetImagingSettings", VideoSourceToken=self._source)
        settings = add(request, "timg:ImagingSettings")
        for name, path in _PATHS.items():
            if values.get(name) is not None:
                parent = settings
                for part in path.split("/"):
                    parent = add(parent, part)
                parent.text = str(values[name])
        add(request, "timg:ForcePersistence", "true")
        self._connected.ask(request)


def settings_of(answer: etree._Element) -> dict[str, Value]:
    """None for what the device does not have."""
    told = find(answer, "timg:ImagingSettings")
    levels: dict[str, Value] = {name: number(text(told, path)) for name, path in _LEVELS.items()}
    return levels | {name: text(told, _PATHS[name]) for name in _MODES}


def _problem(name: str, value: Value, options: etree._Element | None) -> Problem | None:
    if name in _MODES:
        known = tuple(mode for row in find_all(options, _MODES[name]) if (mode := (row.text or "").strip()))
        return None if value in known else Problem(name, value, known or None)
    offered: Span | None = span(options, _LEVELS[name])
    if offered is None or not isinstance(value, int | float):
        return Problem(name, value)
    nearest = min(max(value, offered.least), offered.most)
    return None if nearest == value else Problem(name, value, nearest)
