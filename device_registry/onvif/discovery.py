"""Find devices on a network: by WS-Discovery's multicast (ONVIF Core, section 7), or by asking each address of a range.

What is found is a hint for a technician. Nothing is dialled here but the addresses of the range; of what a device says
of itself in a multicast answer, the host is always the one that the answer came from.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
import select
import socket
import struct
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import unquote

from device_registry.onvif.definitions import Service
from device_registry.onvif.device import Device
from device_registry.onvif.endpoint import DEFAULT_PATH, Endpoint, IpNetwork, resolve
from device_registry.onvif.envelope import parse, printable
from device_registry.onvif.exchange import Exchange, post
from device_registry.onvif.faults import DeviceAuthFailed, DeviceFault
from foundation.errors import DeviceError, InvalidInput

GROUP, PORT = "239.255.255.250", 3702
WAIT_S = 4.0
MAX_DEVICES = 4096
MAX_ADDRESSES = 4096
RATE_PER_S = 50.0
_AGAIN_S = 0.5  # datagrams get lost, so each question is asked twice
_WORKERS = 32
_MAX_PER_ANSWER = 16
_TYPES = (
    ("dn:NetworkVideoTransmitter", 'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"'),
    ("tds:Device", 'xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'),
)
_SCOPE = re.compile(r"onvif://www\.onvif\.org/(name|hardware|location)/(\S{1,200})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Discovered:
    address: str  # that it answered from
    url: str  # of its device service, for `probe`
    name: str = ""
    hardware: str = ""
    location: str = ""


def discover(interfaces: Sequence[str] = (), wait_s: float = WAIT_S) -> list[Discovered]:
    """Ask by multicast on each interface (`eth1`; none: the system's choice) and collect answers for `wait_s` seconds.

    Multicast ends at routers: devices of other networks are found by `sweep`. Raises `InvalidInput` for an interface
    that there is not, or that has no multicast.
    """
    questions = [_question(types, namespace) for types, namespace in _TYPES]
    asked = {message_id for message_id, _ in questions}
    found: dict[tuple[str, str], Discovered] = {}
    with ExitStack() as stack:
        sockets = [stack.enter_context(_socket(name)) for name in interfaces or (None,)]
        for datagram, sender in _answers(sockets, [body for _, body in questions], wait_s):
            for one in matches(datagram, sender, asked):
                found.setdefault((one.address, one.url), one)
            if len(found) >= MAX_DEVICES:
                break
    return sorted(found.values(), key=lambda one: (ipaddress.ip_address(one.address), one.url))


def _question(types: str, namespace: str) -> tuple[str, bytes]:
    message_id = f"urn:uuid:{uuid.uuid4()}"
    text = (
        '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        f'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" {namespace}><s:Header>'
        "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>"
        f"<a:MessageID>{message_id}</a:MessageID><a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>"
        f"<s:Body><d:Probe><d:Types>{types}</d:Types></d:Probe></s:Body></s:Envelope>"
    )
    return message_id, text.encode()


def _socket(interface: str | None) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        if interface is not None:
            request = struct.pack("@4s4si", bytes(4), bytes(4), socket.if_nametoindex(interface))  # struct ip_mreqn
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, request)
        opened.bind(("", 0))
    except OSError as error:
        opened.close()
        raise _no_multicast(interface) from error
    return opened


def _no_multicast(interface: str | None) -> InvalidInput:
    return InvalidInput(
        "there is no such interface, or it has no multicast.",
        where=f"interface {interface or 'of the default route'}",
        mend="`ip link` lists interfaces; or ask the addresses of a range.",
    )


def _answers(sockets: list[socket.socket], questions: list[bytes], wait_s: float) -> Iterator[tuple[bytes, str]]:
    begin = time.monotonic()
    due = [begin, begin + _AGAIN_S]
    while (now := time.monotonic()) < begin + wait_s:
        if due and now >= due[0]:
            due.pop(0)
            _ask(sockets, questions)
        until = min(due[0] if due else begin + wait_s, begin + wait_s)
        for readable in select.select(sockets, [], [], max(until - now, 0.0))[0]:
            datagram, sender = readable.recvfrom(65_536)
            yield datagram, sender[0]


def _ask(sockets: list[socket.socket], questions: list[bytes]) -> None:
    for one, question in itertools.product(sockets, questions):
        try:
            one.sendto(question, (GROUP, PORT))
        except OSError as error:
            raise _no_multicast(None) from error


def matches(datagram: bytes, sender: str, asked: set[str]) -> list[Discovered]:
    """The devices that an answer tells; none for what is no answer to what was asked."""
    try:
        root = parse(datagram, "", sender)
    except DeviceError:
        return []
    if (root.findtext(".//{*}RelatesTo") or "").strip() not in asked:
        return []
    rows = itertools.islice(root.iterfind(".//{*}ProbeMatch"), _MAX_PER_ANSWER)
    found = (_match(row.findtext("{*}XAddrs") or "", row.findtext("{*}Scopes") or "", sender) for row in rows)
    return [one for one in found if one is not None]


def _match(told: str, scopes: str, sender: str) -> Discovered | None:
    # A device of two networks tells both of its addresses, and IPv6 beside IPv4: that of this network comes first.
    texts = sorted(told.split()[:_MAX_PER_ANSWER], key=lambda text: f"//{sender}" not in text)
    own = next((url for text in texts if (url := _url(text, sender))), None)
    if own is None:
        return None
    told_of_itself = {name.lower(): printable(unquote(value)) for name, value in reversed(_SCOPE.findall(scopes))}
    return Discovered(sender, own, **told_of_itself)


def _url(told: str, sender: str) -> str | None:
    scheme = "https" if told.startswith("https://") else "http"
    here = Endpoint(scheme, sender, 443 if scheme == "https" else 80, DEFAULT_PATH, sender)
    return here.url_on_host(told, ("http", "https"))


def sweep(
    network: str,
    *,
    port: int = 80,
    allowed: Sequence[IpNetwork] = (),
    rate_per_s: float = RATE_PER_S,
    exchange: Exchange = post,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Discovered]:
    """Ask each address of a network (`10.0.0.0/24`) the time over ONVIF, without a password, so many a second.

    Raises `InvalidInput` for a text that is no network, or one of more than 4,096 addresses.
    """
    addresses = _addresses(network)

    def ask(address: str) -> Discovered | None:
        try:
            endpoint = resolve(f"{address}:{port}", allowed)
            Device(endpoint, exchange=exchange).call(Service.DEVICE, "GetSystemDateAndTime", signed=False)
        except (DeviceAuthFailed, DeviceFault):
            pass  # it speaks ONVIF, and says no
        except (DeviceError, InvalidInput):
            return None
        return Discovered(address, f"http://{address}{'' if port == 80 else f':{port}'}{DEFAULT_PATH}")

    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="sweep") as pool:
        asked = []
        for address in addresses:
            asked.append(pool.submit(ask, address))
            sleep(1 / rate_per_s)
        return [found for one in asked if (found := one.result()) is not None]


def _addresses(text: str) -> list[str]:
    try:
        network = ipaddress.IPv4Network(text.strip(), strict=False)
    except ValueError:
        raise InvalidInput("this is no IPv4 network.", where=text[:50], mend="Write 10.0.0.0/24.") from None
    if network.num_addresses > MAX_ADDRESSES:
        raise InvalidInput(
            f"the network has more than {MAX_ADDRESSES:,} addresses.",
            where=str(network),
            mend="Ask it in parts of /20 or less.",
        )
    return [str(address) for address in network.hosts()]
