"""Its head: it moves as fast as told, within its bounds, for as long as told."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from lxml import etree

from foundation.clock import US_PER_S
from simulator.onvif_device.parts import Operation, Refused, find, number, text
from simulator.onvif_device.state import Position, State

_DURATION = re.compile(r"PT(\d+(?:\.\d+)?)S")
_UNTIL_TOLD = 60.0  # seconds that it moves when no time is named


def settle(state: State, now_us: int) -> None:
    """Move on to where the head is by now: one unit of its space a second at full speed."""
    until_us = min(now_us, state.moving_until_us)
    for_s = max(until_us - state.moved_us, 0) / US_PER_S
    at, speed = state.position, state.velocity
    state.position = Position(
        _within(at.pan + speed.pan * for_s, -1),
        _within(at.tilt + speed.tilt * for_s, -1),
        _within(at.zoom + speed.zoom * for_s, 0),
    )
    state.moved_us = now_us
    if now_us >= state.moving_until_us:
        state.velocity = Position()


def _within(value: float, least: float) -> float:
    return min(max(value, least), 1)


def _move(operation: etree._Element, state: State, now_us: int) -> str:
    _profile(operation, state)
    settle(state, now_us)
    turn, zoom = find(operation, "tptz:Velocity/tt:PanTilt"), find(operation, "tptz:Velocity/tt:Zoom")
    pan, tilt = (number(turn.get(axis), -1, 1) if turn is not None else 0.0 for axis in ("x", "y"))
    state.velocity = Position(pan, tilt, number(zoom.get("x"), -1, 1) if zoom is not None else 0.0)
    told = _DURATION.fullmatch(text(operation, "tptz:Timeout"))
    state.moving_until_us = now_us + round((float(told[1]) if told else _UNTIL_TOLD) * US_PER_S)
    return "<tptz:ContinuousMoveResponse/>"


def _stop(operation: etree._Element, state: State, now_us: int) -> str:
    _profile(operation, state)
    settle(state, now_us)
    state.velocity, state.moving_until_us = Position(), 0
    return "<tptz:StopResponse/>"


def _go_home(operation: etree._Element, state: State, now_us: int) -> str:
    _stop(operation, state, now_us)
    state.position = state.home
    return "<tptz:GotoHomePositionResponse/>"


def _set_home(operation: etree._Element, state: State, now_us: int) -> str:
    _profile(operation, state)
    settle(state, now_us)
    state.home = state.position
    return "<tptz:SetHomePositionResponse/>"


def _presets(operation: etree._Element, state: State, _now_us: int) -> str:
    _profile(operation, state)
    rows = "".join(
        f'<tptz:Preset token="{token}"><tt:Name>{escape(name)}</tt:Name></tptz:Preset>'
        for token, (name, _) in state.presets.items()
    )
    return f"<tptz:GetPresetsResponse>{rows}</tptz:GetPresetsResponse>"


def _set_preset(operation: etree._Element, state: State, now_us: int) -> str:
    _profile(operation, state)
    settle(state, now_us)
    token = text(operation, "tptz:PresetToken")
    if token and token not in state.presets:
        raise Refused("NoToken", "there is no such preset")
    token = token or f"preset{state.number()}"
    state.presets[token] = (text(operation, "tptz:PresetName"), state.position)
    return f"<tptz:SetPresetResponse><tptz:PresetToken>{token}</tptz:PresetToken></tptz:SetPresetResponse>"


def _go_to_preset(operation: etree._Element, state: State, now_us: int) -> str:
    _stop(operation, state, now_us)
    state.position = _preset(operation, state)
    return "<tptz:GotoPresetResponse/>"


def _remove_preset(operation: etree._Element, state: State, _now_us: int) -> str:
    _preset(operation, state)
    del state.presets[text(operation, "tptz:PresetToken")]
    return "<tptz:RemovePresetResponse/>"


def _preset(operation: etree._Element, state: State) -> Position:
    found = state.presets.get(text(operation, "tptz:PresetToken"))
    if found is None:
        raise Refused("NoToken", "there is no such preset")
    return found[1]


def _status(operation: etree._Element, state: State, now_us: int) -> str:
    _profile(operation, state)
    settle(state, now_us)
    at, moves = state.position, "MOVING" if state.velocity != Position() else "IDLE"
    return (
        f'<tptz:GetStatusResponse><tptz:PTZStatus><tt:Position><tt:PanTilt x="{at.pan:.4f}" y="{at.tilt:.4f}"/>'
        f'<tt:Zoom x="{at.zoom:.4f}"/></tt:Position><tt:MoveStatus><tt:PanTilt>{moves}</tt:PanTilt><tt:Zoom>{moves}'
        "</tt:Zoom></tt:MoveStatus></tptz:PTZStatus></tptz:GetStatusResponse>"
    )


def _profile(operation: etree._Element, state: State) -> None:
    if text(operation, "tptz:ProfileToken") not in state.encoders:
        raise Refused("NoProfile", "there is no such profile")


OPERATIONS: dict[str, Operation] = {
    "ContinuousMove": _move,
    "Stop": _stop,
    "GotoHomePosition": _go_home,
    "SetHomePosition": _set_home,
    "GetPresets": _presets,
    "SetPreset": _set_preset,
    "GotoPreset": _go_to_preset,
    "RemovePreset": _remove_preset,
    "GetStatus": _status,
}
