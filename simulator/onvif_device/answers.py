"""What the device says to each operation, as the contents of a SOAP body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from foundation.clock import US_PER_S
from simulator.onvif_device.state import Encoder, State

DEVICE = "http://www.onvif.org/ver10/device/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
PTZ = "http://www.onvif.org/ver20/ptz/wsdl"
IMAGING = "http://www.onvif.org/ver20/imaging/wsdl"
EVENTS = "http://www.onvif.org/ver10/events/wsdl"
_NAMESPACES = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema" '
    f'xmlns:tds="{DEVICE}" xmlns:trt="{MEDIA}" xmlns:tr2="{MEDIA2}" xmlns:ter="http://www.onvif.org/ver10/error" '
    f'xmlns:tptz="{PTZ}" xmlns:timg="{IMAGING}"'
)
MODEL = "Simulated 球机"  # beyond Latin letters, for what declares another encoding


@dataclass(frozen=True, slots=True)
class Scene:
    """What the answers are made of."""

    address: str  # http://HOST:PORT, as the device tells it
    main_url: str
    sub_url: str
    now_us: int  # by its own clock
    media2_only: bool
    knows_services: bool
    state: State
    tells_events: bool
    number: int  # of the device among others

    @property
    def serial(self) -> str:
        return f"SIM-{self.number:04}"

    @property
    def mac(self) -> str:
        """Locally administered."""
        return f"02:00:5e:10:{self.number >> 8:02x}:{self.number & 0xFF:02x}"


def envelope(body: str, *, document_type: str = "", encoding: str = "utf-8") -> str:
    declared = f'<?xml version="1.0" encoding="{encoding}"?>{document_type}'
    return f"{declared}<s:Envelope {_NAMESPACES}><s:Body>{body}</s:Body></s:Envelope>"


def fault(code: str, subcode: str, reason: str) -> str:
    return (
        f"<s:Fault><s:Code><s:Value>s:{code}</s:Value><s:Subcode><s:Value>ter:{subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en">{escape(reason)}</s:Text></s:Reason></s:Fault>'
    )


def bomb() -> str:
    """A document type of nine entities, each ten times the one before: some 10^9 letters once they are put in."""
    entities = ['<!ENTITY e0 "lollollol">']
    entities += [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10)]
    return f"<!DOCTYPE s:Envelope [{''.join(entities)}]>"


def answer(namespace: str, name: str, scene: Scene) -> str | None:
    """None: the device does not know the operation."""
    offered = {DEVICE: _DEVICE, MEDIA2: _MEDIA2} if scene.media2_only else {DEVICE: _DEVICE, MEDIA: _MEDIA}
    found = offered.get(namespace, {}).get(name)
    return found(scene) if found and (name != "GetServices" or scene.knows_services) else None


def _time(scene: Scene) -> str:
    now, state = datetime.fromtimestamp(scene.now_us / US_PER_S, UTC), scene.state
    return (
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>"
        f"<tt:DateTimeType>{state.set_by}</tt:DateTimeType><tt:DaylightSavings>{str(state.summer).lower()}"
        f"</tt:DaylightSavings><tt:TimeZone><tt:TZ>{escape(state.zone)}</tt:TZ></tt:TimeZone><tt:UTCDateTime>"
        f"<tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute><tt:Second>{now.second}</tt:Second>"
        f"</tt:Time><tt:Date><tt:Year>{now.year}</tt:Year><tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day>"
        "</tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


def _information(scene: Scene) -> str:
    return (
        f"<tds:GetDeviceInformationResponse><tds:Manufacturer>Vedette</tds:Manufacturer><tds:Model>{MODEL}</tds:Model>"
        f"<tds:FirmwareVersion>1.0</tds:FirmwareVersion><tds:SerialNumber>{scene.serial}</tds:SerialNumber>"
        "<tds:HardwareId>simulator</tds:HardwareId></tds:GetDeviceInformationResponse>"
    )


def _services(scene: Scene) -> str:
    rows = {DEVICE: "/onvif/device_service"}
    rows |= {MEDIA2: "/onvif/media2_service"} if scene.media2_only else {MEDIA: "/onvif/media_service"}
    rows |= {PTZ: "/onvif/ptz_service", IMAGING: "/onvif/imaging_service"}
    rows |= {EVENTS: "/onvif/event_service"} if scene.tells_events else {}
    listed = "".join(
        f"<tds:Service><tds:Namespace>{namespace}</tds:Namespace><tds:XAddr>{escape(scene.address)}{path}</tds:XAddr>"
        "<tds:Version><tt:Major>20</tt:Major><tt:Minor>12</tt:Minor></tds:Version></tds:Service>"
        for namespace, path in rows.items()
    )
    return f"<tds:GetServicesResponse>{listed}</tds:GetServicesResponse>"


def _capabilities(scene: Scene) -> str:
    events = (
        f"<tt:Events><tt:XAddr>{escape(scene.address)}/onvif/event_service</tt:XAddr>"
        "<tt:WSSubscriptionPolicySupport>false</tt:WSSubscriptionPolicySupport><tt:WSPullPointSupport>true"
        "</tt:WSPullPointSupport><tt:WSPausableSubscriptionManagerInterfaceSupport>false"
        "</tt:WSPausableSubscriptionManagerInterfaceSupport></tt:Events>"
    )
    return (
        f"<tds:GetCapabilitiesResponse><tds:Capabilities>{events if scene.tells_events else ''}<tt:Media><tt:XAddr>"
        f"{escape(scene.address)}/onvif/media_service</tt:XAddr><tt:StreamingCapabilities/></tt:Media>"
        "</tds:Capabilities></tds:GetCapabilitiesResponse>"
    )


def _interfaces(scene: Scene) -> str:
    return (
        '<tds:GetNetworkInterfacesResponse><tds:NetworkInterfaces token="eth0"><tt:Enabled>true</tt:Enabled><tt:Info>'
        f"<tt:Name>eth0</tt:Name><tt:HwAddress>{scene.mac}</tt:HwAddress></tt:Info></tds:NetworkInterfaces>"
        "</tds:GetNetworkInterfacesResponse>"
    )


def _ntp(scene: Scene) -> str:
    state = scene.state
    kinds = {"DNS": "DNSname", "IPv4": "IPv4Address", "IPv6": "IPv6Address"}
    rows = "".join(
        f"<tt:NTPManual><tt:Type>{kind}</tt:Type><tt:{kinds[kind]}>{escape(host)}</tt:{kinds[kind]}></tt:NTPManual>"
        for kind, host in state.ntp
    )
    return (
        f"<tds:GetNTPResponse><tds:NTPInformation><tt:FromDHCP>{str(state.ntp_from_dhcp).lower()}</tt:FromDHCP>{rows}"
        "</tds:NTPInformation></tds:GetNTPResponse>"
    )


def _profiles(scene: Scene) -> str:
    rows = "".join(_profile(token, encoder) for token, encoder in scene.state.encoders.items())
    return f"<trt:GetProfilesResponse>{rows}</trt:GetProfilesResponse>"


def _profile(token: str, encoder: Encoder) -> str:
    return (
        f'<trt:Profiles token="{token}" fixed="true"><tt:Name>{token}</tt:Name>{_source("tt:VideoSourceConfiguration")}'
        f'<tt:VideoEncoderConfiguration token="{token}"><tt:Name>{token}</tt:Name><tt:UseCount>1</tt:UseCount>'
        f"<tt:Encoding>{encoder.encoding}</tt:Encoding>{_size(encoder)}<tt:Quality>5</tt:Quality>"
        f"<tt:RateControl><tt:FrameRateLimit>{encoder.frame_rate}</tt:FrameRateLimit><tt:EncodingInterval>1"
        f"</tt:EncodingInterval><tt:BitrateLimit>{encoder.kbps}</tt:BitrateLimit></tt:RateControl><tt:H264>"
        f"<tt:GovLength>{encoder.gop}</tt:GovLength><tt:H264Profile>Main</tt:H264Profile></tt:H264>"
        f"</tt:VideoEncoderConfiguration>{_ptz('tt:PTZConfiguration')}</trt:Profiles>"
    )


def _ptz(element: str) -> str:
    return (
        f'<{element} token="ptz"><tt:Name>ptz</tt:Name><tt:UseCount>2</tt:UseCount><tt:NodeToken>node</tt:NodeToken>'
        f"</{element}>"
    )


def _source(element: str) -> str:
    return (
        f'<{element} token="src"><tt:Name>src</tt:Name><tt:UseCount>2</tt:UseCount><tt:SourceToken>sensor0'
        f'</tt:SourceToken><tt:Bounds x="0" y="0" width="2560" height="1440"/></{element}>'
    )


def _size(encoder: Encoder) -> str:
    return f"<tt:Resolution><tt:Width>{encoder.width}</tt:Width><tt:Height>{encoder.height}</tt:Height></tt:Resolution>"


def _profiles2(scene: Scene) -> str:
    rows = "".join(_profile2(token, encoder) for token, encoder in scene.state.encoders.items())
    return f"<tr2:GetProfilesResponse>{rows}</tr2:GetProfilesResponse>"


def _profile2(token: str, encoder: Encoder) -> str:
    return (
        f'<tr2:Profiles token="{token}" fixed="true"><tr2:Name>{token}</tr2:Name><tr2:Configurations>'
        f'{_source("tr2:VideoSource")}<tr2:VideoEncoder token="{token}" GovLength="{encoder.gop}"><tt:Name>{token}'
        f"</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>{encoder.encoding}</tt:Encoding>{_size(encoder)}"
        f"<tt:RateControl><tt:FrameRateLimit>{encoder.frame_rate}</tt:FrameRateLimit><tt:BitrateLimit>{encoder.kbps}"
        "</tt:BitrateLimit></tt:RateControl><tt:Quality>5</tt:Quality></tr2:VideoEncoder>"
        f"{_ptz('tr2:PTZ')}</tr2:Configurations></tr2:Profiles>"
    )


def _uri(prefix: str, name: str, url: str) -> str:
    if prefix == "tr2":
        return f"<tr2:{name}Response><tr2:Uri>{escape(url)}</tr2:Uri></tr2:{name}Response>"
    return (
        f"<trt:{name}Response><trt:MediaUri><tt:Uri>{escape(url)}</tt:Uri><tt:InvalidAfterConnect>false"
        "</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout>"
        f"</trt:MediaUri></trt:{name}Response>"
    )


def stream_uri(namespace: str, token: str, scene: Scene) -> str | None:
    """None: there is no such profile."""
    url = {"main": scene.main_url, "sub": scene.sub_url}.get(token)
    prefix = "tr2" if namespace == MEDIA2 else "trt"
    return _uri(prefix, "GetStreamUri", url) if url else None


def _snapshot(prefix: str) -> Callable[[Scene], str]:
    return lambda scene: _uri(prefix, "GetSnapshotUri", f"{scene.address}/snapshot.jpg")


_DEVICE: dict[str, Callable[[Scene], str]] = {
    "GetSystemDateAndTime": _time,
    "GetDeviceInformation": _information,
    "GetServices": _services,
    "GetCapabilities": _capabilities,
    "GetNetworkInterfaces": _interfaces,
    "GetNTP": _ntp,
}
_MEDIA: dict[str, Callable[[Scene], str]] = {"GetProfiles": _profiles, "GetSnapshotUri": _snapshot("trt")}
_MEDIA2: dict[str, Callable[[Scene], str]] = {"GetProfiles": _profiles2, "GetSnapshotUri": _snapshot("tr2")}
