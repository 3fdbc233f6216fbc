from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from lxml import etree

from device_registry.login import Login
from device_registry.onvif.definitions import Service
from device_registry.onvif.device import Device
from device_registry.onvif.endpoint import Endpoint
from device_registry.onvif.exchange import Answer
from device_registry.onvif.faults import DeviceAuthFailed
from foundation.clock import ManualClock

CAMERA = Endpoint("http", "10.0.0.7", 80, "/onvif/device_service", "10.0.0.7")
WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
OK = (
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><t:GetDeviceInformationResponse '
    b'xmlns:t="http://www.onvif.org/ver10/device/wsdl"><t:Manufacturer>M</t:Manufacturer>'
    b"</t:GetDeviceInformationResponse></s:Body></s:Envelope>"
)


@dataclass
class Digesting:
    """A device that gives a nonce for one use only and never calls an old one stale."""

    right: bool = True
    scheme: str = "Digest"
    nonce: int = 0
    seen: list[tuple[bool, str | None]] = field(default_factory=list)  # whether with a token, and the header

    def __call__(self, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Answer:
        authorization = headers.get("Authorization")
        self.seen.append((etree.fromstring(body).find(f".//{WSSE}UsernameToken") is not None, authorization))
        if self.right and authorization and f'nonce="{self.nonce}"' in authorization:
            self.nonce += 1
            return Answer(200, "", (), None, None, OK, None)
        self.nonce += 1
        challenge = f'{self.scheme} realm="r", nonce="{self.nonce}"'
        return Answer(401, "", (challenge,), None, None, b"", None)


def asked(server: Digesting, times: int = 1) -> None:
    device = Device(CAMERA, Login("u", "hunter2"), server, ManualClock())
    for _ in range(times):
        assert device.call(Service.DEVICE, "GetDeviceInformation").Manufacturer == "M"


def test_a_device_that_wants_digest_gets_it_alone_from_then_on() -> None:
    server = Digesting()
    asked(server)
    assert [(token, header is not None) for token, header in server.seen] == [(True, False), (False, True)]


def test_a_nonce_for_one_use_is_answered_anew() -> None:
    server = Digesting()
    asked(server, times=3)
    assert len(server.seen) == 2 + 2 + 2


def test_a_wrong_password_is_shown_once_in_each_form() -> None:
    server = Digesting(right=False)
    with pytest.raises(DeviceAuthFailed):
        asked(server)
    assert len(server.seen) == 2


def test_the_password_is_never_sent_as_it_is() -> None:
    server = Digesting(scheme="Basic")
    with pytest.raises(DeviceAuthFailed):
        asked(server)
    assert server.seen == [(True, None)]
