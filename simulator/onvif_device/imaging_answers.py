"""Its sensor: brightness, contrast, exposure and the infrared filter."""

from __future__ import annotations

from lxml import etree

from simulator.onvif_device.parts import Operation, Refused, find, number, text
from simulator.onvif_device.state import State

_MODES = {"Exposure": ("AUTO", "MANUAL"), "IrCutFilter": ("ON", "OFF", "AUTO")}


def _settings(operation: etree._Element, state: State, _now_us: int) -> str:
    _check_source(operation)
    has = state.imaging
    return (
        f"<timg:GetImagingSettingsResponse><timg:ImagingSettings><tt:Brightness>{has['Brightness']}</tt:Brightness>"
        f"<tt:Contrast>{has['Contrast']}</tt:Contrast><tt:Exposure><tt:Mode>{has['Exposure']}</tt:Mode></tt:Exposure>"
        f"<tt:IrCutFilter>{has['IrCutFilter']}</tt:IrCutFilter></timg:ImagingSettings></timg:GetImagingSettingsResponse>"
    )


def _options(operation: etree._Element, _state: State, _now_us: int) -> str:
    _check_source(operation)
    levels = "".join(
        f"<tt:{name}><tt:Min>0</tt:Min><tt:Max>100</tt:Max></tt:{name}>" for name in ("Brightness", "Contrast")
    )
    exposures = "".join(f"<tt:Mode>{mode}</tt:Mode>" for mode in _MODES["Exposure"])
    filters = "".join(f"<tt:IrCutFilterModes>{mode}</tt:IrCutFilterModes>" for mode in _MODES["IrCutFilter"])
    return (
        f"<timg:GetOptionsResponse><timg:ImagingOptions>{levels}<tt:Exposure>{exposures}</tt:Exposure>{filters}"
        "</timg:ImagingOptions></timg:GetOptionsResponse>"
    )


def _set(operation: etree._Element, state: State, _now_us: int) -> str:
    _check_source(operation)
    told = find(operation, "timg:ImagingSettings")
    if told is None:
        raise Refused("InvalidArgVal", "no settings")
    for name, path in (("Brightness", "tt:Brightness"), ("Contrast", "tt:Contrast")):
        if find(told, path) is not None:
            state.imaging[name] = f"{number(text(told, path), 0, 100):g}"
    for name, path in (("Exposure", "tt:Exposure/tt:Mode"), ("IrCutFilter", "tt:IrCutFilter")):
        if find(told, path) is not None:
            if text(told, path) not in _MODES[name]:
                raise Refused("InvalidArgVal", f"{name} has no such mode")
            state.imaging[name] = text(told, path)
    return "<timg:SetImagingSettingsResponse/>"


def _check_source(operation: etree._Element) -> None:
    if text(operation, "timg:VideoSourceToken") != "sensor0":
        raise Refused("NoSource", "there is no such video source")


OPERATIONS: dict[str, Operation] = {"GetImagingSettings": _settings, "GetOptions": _options, "SetImagingSettings": _set}
