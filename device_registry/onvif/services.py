"""A device with the addresses of its services, so that a request finds its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from device_registry.login import Login
from device_registry.onvif.definitions import Service
from device_registry.onvif.device import Device
from device_registry.onvif.elements import NAMES
from device_registry.onvif.endpoint import Endpoint, IpNetwork, resolve
from device_registry.onvif.exchange import Exchange, post
from device_registry.onvif.faults import AnswerRefused, DeviceFault
from foundation.clock import SYSTEM_CLOCK, Clock

_SERVICES = {"tds": "device", "trt": "media", "tr2": "media", "tptz": "PTZ", "timg": "imaging"}
# Devices before 2012 tell these alone, by names of their own.
_CAPABILITIES = {"Media": "trt", "PTZ": "tptz", "Imaging": "timg"}


@dataclass
class Connected:
    device: Device
    services: Mapping[str, Endpoint]  # by namespace

    def offers(self, prefix: str) -> bool:
        return NAMES[prefix] in self.services

    def ask(self, request: etree._Element) -> etree._Element:
        """Send the request to its service; what the body of the answer holds. Raises `DeviceError`'s leaves."""
        name = etree.QName(request)
        at = self.services.get(name.namespace)
        if at is None:
            prefix = next(prefix for prefix, namespace in NAMES.items() if namespace == name.namespace)
            what = f"the device has no {_SERVICES[prefix]} service."
            raise DeviceFault(what, where=str(self.device.endpoint), mend="Set this at the device itself.")
        return self.device.send(request, at)


def connect(
    url: str,
    login: Login | None,
    *,
    allowed: Sequence[IpNetwork] = (),
    tls_sha256: str | None = None,
    exchange: Exchange = post,
    clock: Clock = SYSTEM_CLOCK,
) -> Connected:
    """Learn the device's time, sign in and ask where its services are. `tls_sha256`: the certificate that it must show.

    Raises `InvalidInput` for an address that may not be dialled, and `DeviceError`'s leaves.
    """
    device = Device(resolve(url, allowed, tls_sha256), login, exchange, clock)
    device.learn_time()
    services = _told(device)
    found = {namespace: device.endpoint.forced(address) for namespace, address in services.items()}
    return Connected(device, found | {NAMES["tds"]: device.endpoint})


def _told(device: Device) -> dict[str, str | None]:
    try:
        rows = device.call(Service.DEVICE, "GetServices", IncludeCapability=False) or []
        found = {str(row.Namespace): row.XAddr for row in rows if row.Namespace}
    except (DeviceFault, AnswerRefused):
        found = {}
    if found:
        return found
    told = device.call(Service.DEVICE, "GetCapabilities", Category="All")
    parts = {prefix: getattr(told, name, None) for name, prefix in _CAPABILITIES.items()}
    return {NAMES[prefix]: part.XAddr for prefix, part in parts.items() if part is not None}
