"""The device's answers to WS-Discovery (ONVIF Core, section 7): each from the address of the device itself."""

from __future__ import annotations

import select
import socket
import struct
import threading
import uuid
from collections.abc import Mapping
from typing import Self
from xml.sax.saxutils import escape

from lxml import etree

from foundation.errors import ResourceError

GROUP, PORT = "239.255.255.250", 3702
_DISCOVERY = "{http://schemas.xmlsoap.org/ws/2005/04/discovery}"
_ADDRESSING = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}"
_WAKE_S = 0.2


class Discovery:
    """Answers for all devices of this process; `devices` are their service URLs by their addresses.

    `interface` is the one that multicast is heard on; one without multicast raises `ResourceError`.
    """

    def __init__(self, devices: Mapping[str, str], interface: str = "lo") -> None:
        self._devices = dict(devices)
        self._interface = interface
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="discovery", daemon=True)

    def __enter__(self) -> Self:
        self._listening = _listen(self._interface)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()
        self._listening.close()

    def _run(self) -> None:
        while not self._closing.is_set():
            if select.select([self._listening], [], [], _WAKE_S)[0]:
                question, asking = self._listening.recvfrom(65_536)
                if (message_id := _asked(question)) is not None:
                    for address, url in self._devices.items():
                        _answer(address, asking, _match(message_id, url))


def _listen(interface: str) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a machine has one port for all its devices
        opened.bind((GROUP, PORT))
        group = struct.pack("@4s4si", socket.inet_aton(GROUP), bytes(4), socket.if_nametoindex(interface))
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
    except OSError as error:
        opened.close()
        raise ResourceError(
            f"no multicast can be heard: {error.strerror}.",
            where=f"interface {interface}",
            mend=f"`ip link set {interface} multicast on`, or do without discovery.",
        ) from error
    return opened


def _asked(question: bytes) -> str | None:
    try:
        root = etree.fromstring(question, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None
    if root.find(f".//{_DISCOVERY}Probe") is None:
        return None
    return (root.findtext(f".//{_ADDRESSING}MessageID") or "").strip() or None


def _answer(address: str, asking: tuple[str, int], body: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
        sending.bind((address, 0))
        sending.sendto(body, asking)


def _match(message_id: str, url: str) -> bytes:
    endpoint = uuid.uuid5(uuid.NAMESPACE_URL, url)
    return (
        '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
        'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>'
        f"<a:MessageID>urn:uuid:{uuid.uuid4()}</a:MessageID><a:RelatesTo>{escape(message_id)}</a:RelatesTo>"
        "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></s:Header><s:Body>"
        f"<d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:{endpoint}</a:Address>"
        "</a:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types>"
        "<d:Scopes>onvif://www.onvif.org/name/Vedette onvif://www.onvif.org/hardware/simulator</d:Scopes>"
        f"<d:XAddrs>{escape(url)}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches>"
        "</s:Body></s:Envelope>"
    ).encode()
