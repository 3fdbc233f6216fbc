"""Its on-screen text."""

from __future__ import annotations

from xml.sax.saxutils import escape

from lxml import etree

from simulator.onvif_device.parts import Operation, Refused, find, text
from simulator.onvif_device.state import Osd, State

_POSITIONS = ("UpperLeft", "UpperRight", "LowerLeft", "LowerRight")
_MOST = 4
_LENGTH = 32  # characters; what is longer is cut off, as many cameras do


def _operations(prefix: str) -> dict[str, Operation]:
    def listed(_operation: etree._Element, state: State, _now_us: int) -> str:
        rows = "".join(
            f'<{prefix}:OSDs token="{token}"><tt:VideoSourceConfigurationToken>src</tt:VideoSourceConfigurationToken>'
            f"<tt:Type>Text</tt:Type><tt:Position><tt:Type>{osd.position}</tt:Type></tt:Position><tt:TextString>"
            f"<tt:Type>Plain</tt:Type><tt:PlainText>{escape(osd.text)}</tt:PlainText></tt:TextString></{prefix}:OSDs>"
            for token, osd in state.osds.items()
        )
        return f"<{prefix}:GetOSDsResponse>{rows}</{prefix}:GetOSDsResponse>"

    def options(_operation: etree._Element, _state: State, _now_us: int) -> str:
        positions = "".join(f"<tt:PositionOption>{position}</tt:PositionOption>" for position in _POSITIONS)
        return (
            f'<{prefix}:GetOSDOptionsResponse><{prefix}:OSDOptions><tt:MaximumNumberOfOSDs Total="{_MOST}"/>'
            f"<tt:Type>Text</tt:Type>{positions}<tt:TextOption><tt:Type>Plain</tt:Type></tt:TextOption>"
            f"</{prefix}:OSDOptions></{prefix}:GetOSDOptionsResponse>"
        )

    def create(operation: etree._Element, state: State, _now_us: int) -> str:
        if len(state.osds) >= _MOST:
            raise Refused("MaxOSDs", "there is no room for another")
        token = f"osd{state.number()}"
        state.osds[token] = _given(operation, prefix)
        return (
            f"<{prefix}:CreateOSDResponse><{prefix}:OSDToken>{token}</{prefix}:OSDToken></{prefix}:CreateOSDResponse>"
        )

    def change(operation: etree._Element, state: State, _now_us: int) -> str:
        told = find(operation, f"{prefix}:OSD")
        token = told.get("token") if told is not None else None
        if token not in state.osds:
            raise Refused("NoConfig", "there is no such text")
        state.osds[token] = _given(operation, prefix)
        return f"<{prefix}:SetOSDResponse/>"

    def delete(operation: etree._Element, state: State, _now_us: int) -> str:
        if state.osds.pop(text(operation, f"{prefix}:OSDToken"), None) is None:
            raise Refused("NoConfig", "there is no such text")
        return f"<{prefix}:DeleteOSDResponse/>"

    def sources(_operation: etree._Element, _state: State, _now_us: int) -> str:
        name = f"{prefix}:GetVideoSourceConfigurationsResponse"
        return (
            f'<{name}><{prefix}:Configurations token="src"><tt:Name>src</tt:Name><tt:UseCount>2</tt:UseCount>'
            f"<tt:SourceToken>sensor0</tt:SourceToken></{prefix}:Configurations></{name}>"
        )

    return {
        "GetOSDs": listed,
        "GetOSDOptions": options,
        "CreateOSD": create,
        "SetOSD": change,
        "DeleteOSD": delete,
        "GetVideoSourceConfigurations": sources,
    }


def _given(operation: etree._Element, prefix: str) -> Osd:
    told = find(operation, f"{prefix}:OSD")
    position = text(told, "tt:Position/tt:Type") if told is not None else ""
    if told is None or position not in _POSITIONS or text(told, "tt:TextString/tt:Type") != "Plain":
        raise Refused("InvalidArgVal", "no text, or no such place")
    return Osd(text(told, "tt:TextString/tt:PlainText")[:_LENGTH], position)


MEDIA = _operations("trt")
MEDIA2 = _operations("tr2")
