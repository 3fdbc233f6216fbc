"""The text that a device writes into its picture (OSD): ONVIF Media (section 5.16) and Media2 (section 5.10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lxml import etree

from device_registry.onvif.elements import add, find, find_all, new, number, renamed, text
from device_registry.onvif.faults import DeviceFault
from device_registry.onvif.services import Connected
from device_registry.onvif.setting import Problem, Value, Values

POSITIONS: Final = ("UpperLeft", "UpperRight", "LowerLeft", "LowerRight")
MOST_LETTERS: Final = 100
_TEXT: Final = "tt:TextString/tt:PlainText"


@dataclass(frozen=True, slots=True)
class _Shown:
    element: etree._Element
    token: str


class OnScreenText:
    """Settings: `text` (None: there is none) and `text_at` (UpperLeft, UpperRight, LowerLeft or LowerRight).

    Only plain text is looked at, and of several the first: date and time in the picture stay as they are.
    """

    name = "on-screen text"

    def __init__(self, connected: Connected, media: str, source: str) -> None:
        self._connected = connected
        self._media = media
        self._source = source  # token of the video source

    def read(self) -> dict[str, Value]:
        shown = self._shown()
        return settings_of(shown.element if shown else None)

    def problems(self, wanted: Values) -> list[Problem]:
        answer = self._connected.ask(self._request("GetOSDOptions", ConfigurationToken=self._configuration()))
        options = find(answer, f"{self._media}:OSDOptions")
        found = []
        known = tuple(row.text or "" for row in find_all(options, "tt:PositionOption"))
        place = wanted.get("text_at")
        if place is not None and known and place not in known:
            found.append(Problem("text_at", place, known))
        kinds = {row.text for row in find_all(options, "tt:TextOption/tt:Type")}
        full = wanted.get("text") is not None and self._shown() is None and self._is_full(options)
        if wanted.get("text") is not None and ((kinds and "Plain" not in kinds) or full):
            found.append(Problem("text", wanted["text"]))
        return found

    def write(self, values: Values) -> None:
        shown = self._shown()
        has = settings_of(shown.element if shown else None) | dict(values)
        if has["text"] is None:
            if shown is not None:
                self._connected.ask(self._request("DeleteOSD", OSDToken=shown.token))
            return
        if shown is None:
            request, osd = self._request("CreateOSD"), self._new()
        else:
            request, osd = self._request("SetOSD"), renamed(shown.element, f"{self._media}:OSD")
        change(osd, str(has["text"]), str(has["text_at"] or POSITIONS[0]))
        request.append(osd)
        self._connected.ask(request)

    def _shown(self) -> _Shown | None:
        answer = self._connected.ask(self._request("GetOSDs", ConfigurationToken=self._configuration()))
        for row in find_all(answer, f"{self._media}:OSDs"):
            if text(row, "tt:TextString/tt:Type") == "Plain" and row.get("token"):
                return _Shown(row, str(row.get("token")))
        return None

    def _is_full(self, options: etree._Element | None) -> bool:
        most = find(options, "tt:MaximumNumberOfOSDs")
        total = number(most.get("Total")) if most is not None else None
        answer = self._connected.ask(self._request("GetOSDs", ConfigurationToken=self._configuration()))
        return total is not None and len(find_all(answer, f"{self._media}:OSDs")) >= total

    def _new(self) -> etree._Element:
        osd = new(f"{self._media}:OSD")
        osd.set("token", "")
        add(osd, "tt:VideoSourceConfigurationToken", self._configuration())
        add(osd, "tt:Type", "Text")
        add(add(osd, "tt:Position"), "tt:Type", POSITIONS[0])
        line = add(osd, "tt:TextString")
        add(line, "tt:Type", "Plain")
        add(line, "tt:PlainText", "")
        return osd

    def _configuration(self) -> str:
        """Token of the video source's configuration, by which texts are kept."""
        answer = self._connected.ask(self._request("GetVideoSourceConfigurations"))
        for row in find_all(answer, f"{self._media}:Configurations"):
            if text(row, "tt:SourceToken") == self._source and row.get("token"):
                return str(row.get("token"))
        raise DeviceFault("the video source has no configuration.", where=str(self._connected.device.endpoint))

    def _request(self, name: str, **parts: str) -> etree._Element:
        return new(f"{self._media}:{name}", **parts)


def settings_of(osd: etree._Element | None) -> dict[str, Value]:
    return {"text": text(osd, _TEXT), "text_at": text(osd, "tt:Position/tt:Type")}


def change(osd: etree._Element, words: str, place: str) -> None:
    """Write text and place into what the device told; font, colour and all else stay."""
    line, position = find(osd, _TEXT), find(osd, "tt:Position/tt:Type")
    if line is None:
        parent = find(osd, "tt:TextString")
        line = add(osd if parent is None else parent, "tt:PlainText")
    line.text = words
    if position is not None and position.text != place:
        position.text = place
        exact = find(osd, "tt:Position/tt:Pos")
        if exact is not None:  # of a place that was given in numbers
            exact.getparent().remove(exact)
