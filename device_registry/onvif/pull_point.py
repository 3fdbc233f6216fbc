"""A pull point: a device's queue of notifications for us alone (ONVIF Core 9.2; WS-BaseNotification 1.3).

It ends by itself when its lease runs out, so it is renewed before that, by the times that the device tells of its own
clock. The address that the device tells for it is dialled on the registered host; what else the reference holds is sent
back as the device wrote it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from device_registry.onvif.async_exchange import AsyncExchange
from device_registry.onvif.definitions import Service
from device_registry.onvif.device import ADDRESSING, Device
from device_registry.onvif.endpoint import Endpoint
from device_registry.onvif.envelope import printable
from device_registry.onvif.event_times import utc_us
from device_registry.onvif.events import EVENTS, NOTIFICATION
from device_registry.onvif.exchange import ANSWER_S
from device_registry.onvif.faults import AnswerRefused, DeviceFault
from foundation.clock import US_PER_S, Clock

LEASE_S = 60.0  # asked for; a queue that a killed process left goes after it
POLL_S = 20.0  # how long a device holds its answer while nothing happens
LATE_S = 10.0  # and how much longer an answer may take
MESSAGE_LIMIT = 50  # a pull
_LEAST_POLL_S = 1.0
_LONGEST_LEASE_S = 24 * 3600.0
_MAX_REFERENCE_BYTES = 8 << 10
_EVENT_PORT = f"{EVENTS}/EventPortType"
_PULL_PORT = f"{EVENTS}/PullPointSubscription"
_MANAGER = "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager"


def event_service(device: Device) -> Endpoint | None:
    """Where the device answers for its events; None: it has none. Raises `DeviceError`'s leaves."""
    try:
        rows = device.call(Service.DEVICE, "GetServices", IncludeCapability=False) or []
        told = next((row.XAddr for row in rows if row.Namespace == EVENTS), None)
    except (DeviceFault, AnswerRefused):  # older devices know only their capabilities
        part = getattr(device.call(Service.DEVICE, "GetCapabilities", Category="All"), "Events", None)
        told = part.XAddr if part is not None else None
    return device.endpoint.forced(told) if told else None


@dataclass
class PullPoint:
    """Made by `create`. It asks one thing at a time, as its device does."""

    device: Device
    exchange: AsyncExchange
    clock: Clock
    at: Endpoint
    _to: str
    _references: Sequence[etree._Element]
    _lease_us: int = 0
    _ends_us: int = 0  # by this machine's monotonic clock

    @classmethod
    async def create(cls, device: Device, service: Endpoint, exchange: AsyncExchange, clock: Clock) -> PullPoint:
        """Raises `DeviceError`'s leaves; a reference that is too large to be sent back is an `AnswerRefused`."""
        request = _request(f"{{{EVENTS}}}CreatePullPointSubscription")
        etree.SubElement(request, f"{{{EVENTS}}}InitialTerminationTime").text = _duration(LEASE_S)
        action = f"{_EVENT_PORT}/CreatePullPointSubscriptionRequest"
        headers = _addressing(action, service.url, ())
        answer = await _asked(device, exchange, request, service, headers, ANSWER_S)
        reference = answer.find(f"{{{EVENTS}}}SubscriptionReference")
        told = _child_text(reference, "Address") or ""
        held = _child(reference, "ReferenceParameters")
        references = [] if held is None else list(held.iterchildren(tag=etree.Element))
        if sum(len(etree.tostring(one)) for one in references) > _MAX_REFERENCE_BYTES:
            raise AnswerRefused("the reference to its subscription is too large.", where=str(device.endpoint))
        at, echoed = device.endpoint.forced(told), [_reference(one) for one in references]
        made = cls(device, exchange, clock, at, printable(told), echoed)
        made._note_lease(answer)
        return made

    @property
    def lease_s(self) -> float:
        return self._lease_us / US_PER_S

    @property
    def left_s(self) -> float:
        return (self._ends_us - self.clock.monotonic_us()) / US_PER_S

    @property
    def is_renewal_due(self) -> bool:
        return self.left_s <= self.lease_s / 2

    def poll_s(self, most_s: float = POLL_S) -> float:
        """How long the device may hold its answer, so that there is time left to renew."""
        return max(min(most_s, self.lease_s / 2), _LEAST_POLL_S)

    async def synchronise(self) -> None:
        """Have the device tell how everything stands; a device that does not know this tells only changes."""
        request = _request(f"{{{EVENTS}}}SetSynchronizationPoint")
        try:
            await self._ask(request, f"{_PULL_PORT}/SetSynchronizationPointRequest")
        except (DeviceFault, AnswerRefused):
            pass

    async def pull(self, most_s: float = POLL_S) -> etree._Element:
        """Wait for notifications, at most `most_s` at the device; the answer may hold none."""
        poll_s = self.poll_s(most_s)
        request = _request(f"{{{EVENTS}}}PullMessages")
        etree.SubElement(request, f"{{{EVENTS}}}Timeout").text = _duration(poll_s)
        etree.SubElement(request, f"{{{EVENTS}}}MessageLimit").text = str(MESSAGE_LIMIT)
        answer = await self._ask(request, f"{_PULL_PORT}/PullMessagesRequest", poll_s + LATE_S)
        self._note_lease(answer, told_only=True)
        return answer

    async def renew(self) -> None:
        """Raises `DeviceFault` also where the device cannot renew."""
        request = _request(f"{{{NOTIFICATION}}}Renew")
        etree.SubElement(request, f"{{{NOTIFICATION}}}TerminationTime").text = _duration(LEASE_S)
        self._note_lease(await self._ask(request, f"{_MANAGER}/RenewRequest"))

    async def end(self) -> None:
        """Have the device forget it: there are devices that keep no more than one or two."""
        await self._ask(_request(f"{{{NOTIFICATION}}}Unsubscribe"), f"{_MANAGER}/UnsubscribeRequest")

    async def _ask(self, request: etree._Element, action: str, answer_s: float = ANSWER_S) -> etree._Element:
        headers = _addressing(action, self._to, self._references)
        return await _asked(self.device, self.exchange, request, self.at, headers, answer_s)

    def _note_lease(self, answer: etree._Element, *, told_only: bool = False) -> None:
        """By the device's own two times; one that tells no sensible ones is taken to have granted what was asked."""
        now_us = utc_us(_child_text(answer, "CurrentTime") or "")
        end_us = utc_us(_child_text(answer, "TerminationTime") or "")
        lease_us = None if now_us is None or end_us is None else end_us - now_us
        if lease_us is None or not 0 <= lease_us <= _LONGEST_LEASE_S * US_PER_S:
            if told_only:
                return
            lease_us = round(LEASE_S * US_PER_S)
        self._ends_us = self.clock.monotonic_us() + lease_us
        self._lease_us = max(lease_us, self._lease_us) if told_only else lease_us


async def _asked(
    device: Device,
    exchange: AsyncExchange,
    request: etree._Element,
    at: Endpoint,
    headers: Sequence[etree._Element],
    answer_s: float,
) -> etree._Element:
    asking = device.asking(request, at, headers=headers)
    outgoing = next(asking)
    while True:
        try:
            outgoing = asking.send(await exchange(*outgoing, answer_s))
        except StopIteration as end:
            found: etree._Element = end.value
            return found


def _request(name: str) -> etree._Element:
    return etree.Element(name, nsmap={"tev": EVENTS, "wsnt": NOTIFICATION})


def _addressing(action: str, to: str, references: Sequence[etree._Element]) -> list[etree._Element]:
    """WS-Addressing 1.0: what is asked for, and of which subscription."""
    told = {"Action": action, "MessageID": f"urn:uuid:{uuid.uuid4()}", "To": to}
    rows = []
    for name, text in told.items():
        row = etree.Element(f"{{{ADDRESSING}}}{name}", nsmap={"wsa": ADDRESSING})
        row.text = text
        rows.append(row)
    return [*rows, *references]


def _reference(told: etree._Element) -> etree._Element:
    echoed = deepcopy(told)
    echoed.tail = None
    echoed.set(f"{{{ADDRESSING}}}IsReferenceParameter", "true")
    return echoed


def _duration(seconds: float) -> str:
    """`xs:duration` in whole seconds."""
    return f"PT{max(round(seconds), 1)}S"


def _child(element: etree._Element | None, name: str) -> etree._Element | None:
    """By its name alone: devices use several namespaces of addressing and of notification."""
    if element is None:
        return None
    return next((row for row in element.iterchildren(tag=etree.Element) if etree.QName(row).localname == name), None)


def _child_text(element: etree._Element | None, name: str) -> str | None:
    child = _child(element, name)
    return None if child is None else (child.text or "").strip()
