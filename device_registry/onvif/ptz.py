"""A camera's head: moved, stopped, sent to a preset or home (ONVIF PTZ Service, sections 5.3 to 5.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lxml import etree

from device_registry.onvif.elements import add, find_all, new, text
from device_registry.onvif.faults import AnswerRefused
from device_registry.onvif.services import Connected

MOST_PRESETS: Final = 1000
TOKEN_LIMIT: Final = 64  # characters of ONVIF's ReferenceToken


@dataclass(frozen=True, slots=True)
class Preset:
    token: str
    name: str


@dataclass(frozen=True, slots=True)
class Head:
    """It is one thread's at a time. Every method raises `DeviceError`'s leaves."""

    connected: Connected
    profile: str  # token of one with a PTZ configuration

    def move(self, pan: float, tilt: float, zoom: float, timeout_s: float) -> None:
        """Go on at these speeds, each from -1 to 1 (right, up and in are positive), until told otherwise or the time is
        over: whoever cannot say stop any more has said it beforehand."""
        request = self._request("ContinuousMove")
        velocity = add(request, "tptz:Velocity")
        if pan or tilt:
            add(velocity, "tt:PanTilt", x=f"{pan:g}", y=f"{tilt:g}")
        if zoom:
            add(velocity, "tt:Zoom", x=f"{zoom:g}")
        add(request, "tptz:Timeout", f"PT{timeout_s:g}S")
        self.connected.ask(request)

    def stop(self) -> None:
        self.connected.ask(self._request("Stop", PanTilt="true", Zoom="true"))

    def go_home(self) -> None:
        self.connected.ask(self._request("GotoHomePosition"))

    def presets(self) -> list[Preset]:
        """Of many, the first thousand."""
        return presets_of(self.connected.ask(self._request("GetPresets")))

    def go_to(self, token: str) -> None:
        self.connected.ask(self._request("GotoPreset", PresetToken=token))

    def keep(self, name: str, token: str | None = None) -> str:
        """Make where it looks now a preset, or the place of the one with this token; the preset's token."""
        parts = {"PresetName": name} | ({"PresetToken": token} if token else {})
        told = text(self.connected.ask(self._request("SetPreset", **parts)), "tptz:PresetToken")
        if told is None:
            raise AnswerRefused(
                "the device does not tell the preset's token.", where=str(self.connected.device.endpoint)
            )
        return told

    def remove(self, token: str) -> None:
        self.connected.ask(self._request("RemovePreset", PresetToken=token))

    def _request(self, name: str, **parts: str) -> etree._Element:
        return new(f"tptz:{name}", ProfileToken=self.profile, **parts)


def presets_of(answer: etree._Element) -> list[Preset]:
    rows = find_all(answer, "tptz:Preset")[:MOST_PRESETS]
    found = [Preset(str(row.get("token") or "")[:TOKEN_LIMIT], text(row, "tt:Name") or "") for row in rows]
    return [preset for preset in found if preset.token]
