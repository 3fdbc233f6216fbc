"""The device's events: subscriptions that are pulled, their leases, and what goes wrong with them."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from lxml import etree

from foundation.clock import US_PER_S
from simulator.onvif_device.faults import Faults
from simulator.onvif_device.notifications import NAMES, items, notification

_EVENTS = "http://www.onvif.org/ver10/events/wsdl"
_NOTIFICATION = "http://docs.oasis-open.org/wsn/b-2"
_ADDRESSING = "http://www.w3.org/2005/08/addressing"
_OURS = "urn:vedette:simulator"
_LEASE_S = 60.0
_FLOOD = 500
_KEPT = 1000
_DURATION = re.compile(r"PT(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")


@dataclass
class _Subscription:
    ends_us: int
    told: deque[str] = field(default_factory=lambda: deque(maxlen=_KEPT))
    pulls: int = 0


class EventService:
    """`tell` reaches every subscription; `properties` are what is told anew at a synchronisation point."""

    def __init__(self, faults: Faults, now_us: Callable[[], int], closing: threading.Event) -> None:
        self.properties: list[str] = []
        self.limits: list[int] = []  # that pulls came with
        self._faults = faults
        self._now_us = now_us
        self._closing = closing
        self._changed = threading.Condition()
        self._subscriptions: dict[str, _Subscription] = {}
        self._made = 0

    @property
    def subscribed(self) -> int:
        """How many subscriptions there are whose lease runs."""
        with self._changed:
            return sum(one.ends_us > self._now_us() for one in self._subscriptions.values())

    def tell(self, told: str) -> None:
        """A notification, as `notifications` writes them."""
        with self._changed:
            for subscription in self._subscriptions.values():
                subscription.told.append(told)
            self._changed.notify_all()

    def utc(self) -> str:
        """Now, by the device's clock."""
        return _utc(self._now_us())

    def answer(self, envelope: etree._Element, operation: etree._Element, address: str) -> str | None:
        """None: it is nothing of events, or nothing that is known of the subscription."""
        name = etree.QName(operation)
        if self._faults.no_events or name.namespace not in (_EVENTS, _NOTIFICATION):
            return None
        if name.localname == "CreatePullPointSubscription":
            return self._create(address)
        known = {
            "PullMessages": self._pull,
            "SetSynchronizationPoint": self._synchronise,
            "Renew": self._renew,
            "Unsubscribe": self._unsubscribe,
        }
        key = (envelope.findtext(f".//{{{_OURS}}}Subscription") or "").strip()
        with self._changed:
            subscription = self._subscriptions.get(key)
        if subscription is None or subscription.ends_us < self._now_us() or name.localname not in known:
            return None
        return known[name.localname](key, subscription, operation)

    def _create(self, address: str) -> str:
        with self._changed:
            self._made += 1
            key = f"subscription-{self._made}"
            self._subscriptions[key] = _Subscription(self._now_us() + self._lease_us())
        return (
            f'<tev:CreatePullPointSubscriptionResponse {NAMES} xmlns:wsa="{_ADDRESSING}"><tev:SubscriptionReference>'
            f"<wsa:Address>{escape(address)}/onvif/pull</wsa:Address><wsa:ReferenceParameters>"
            f'<v:Subscription xmlns:v="{_OURS}">{key}</v:Subscription></wsa:ReferenceParameters>'
            f"</tev:SubscriptionReference>{self._times('wsnt', self._lease_us())}"
            "</tev:CreatePullPointSubscriptionResponse>"
        )

    def _pull(self, key: str, subscription: _Subscription, operation: etree._Element) -> str | None:
        limit = int(operation.findtext(f"{{{_EVENTS}}}MessageLimit") or 10)
        wait_s = _seconds(operation.findtext(f"{{{_EVENTS}}}Timeout") or "")
        self.limits.append(limit)
        subscription.pulls += 1
        if self._faults.forgets_subscription and subscription.pulls > self._faults.forgets_subscription:
            self._unsubscribe(key, subscription, operation)
            return None
        told = self._flood() if self._faults.event_flood else self._next(subscription, limit, wait_s)
        if self._faults.event_garbage:
            return f"<tev:PullMessagesResponse {NAMES}><tev:Non sense/>"
        times = self._times("tev", subscription.ends_us - self._now_us())
        return f"<tev:PullMessagesResponse {NAMES}>{times}{''.join(told)}</tev:PullMessagesResponse>"

    def _next(self, subscription: _Subscription, limit: int, wait_s: float) -> list[str]:
        with self._changed:
            self._changed.wait_for(lambda: subscription.told or self._closing.is_set(), wait_s)
            return [subscription.told.popleft() for _ in range(min(limit, len(subscription.told)))]

    def _flood(self) -> list[str]:
        return [notification("tns1:VideoSource/MotionAlarm", items(State=str(n % 2))) for n in range(_FLOOD)]

    def _synchronise(self, _key: str, subscription: _Subscription, _operation: etree._Element) -> str:
        with self._changed:
            subscription.told.extend(self.properties)
            self._changed.notify_all()
        return f"<tev:SetSynchronizationPointResponse {NAMES}/>"

    def _renew(self, _key: str, subscription: _Subscription, _operation: etree._Element) -> str | None:
        if self._faults.no_renew:
            return None
        subscription.ends_us = self._now_us() + self._lease_us()
        return f"<wsnt:RenewResponse {NAMES}>{self._times('wsnt', self._lease_us())}</wsnt:RenewResponse>"

    def _unsubscribe(self, key: str, _subscription: _Subscription, _operation: etree._Element) -> str:
        with self._changed:
            self._subscriptions.pop(key, None)
        return f"<wsnt:UnsubscribeResponse {NAMES}/>"

    def _lease_us(self) -> int:
        return round((self._faults.short_lease_s or _LEASE_S) * US_PER_S)

    def _times(self, prefix: str, lease_us: int) -> str:
        now_us = self._now_us()
        told = {"CurrentTime": now_us, "TerminationTime": now_us + lease_us}
        return "".join(f"<{prefix}:{name}>{_utc(at_us)}</{prefix}:{name}>" for name, at_us in told.items())


def _utc(us: int) -> str:
    return datetime.fromtimestamp(us / US_PER_S, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _seconds(duration: str) -> float:
    found = _DURATION.fullmatch(duration)
    return float(found[1] or 0) * 60 + float(found[2] or 0) if found else 1.0
