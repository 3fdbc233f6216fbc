"""One operation over many devices: some at a time, each by itself, each audited as soon as it is done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine

from device_registry.onvif.endpoint import IpNetwork
from device_registry.onvif.exchange import Exchange, post
from device_registry.onvif.services import Connected, connect
from device_registry.onvif.setting import Part, Values
from device_registry.operations.configuring import Configured, configure
from device_registry.operations.targets import Target, by_device
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import SYSTEM_CLOCK, Clock
from foundation.database import transaction
from foundation.errors import DeviceError, InvalidInput

_WORKERS: Final = 16  # each waits for its device most of the time
_AUDITED: Final = frozenset({"changed", "rolled_back", "half_done"})  # what was written to a device

# The parts of a device and what they shall be, for one of its cameras.
Wanted = Callable[[Connected, Target], Sequence[tuple[Part, Values]]]


@dataclass(frozen=True, slots=True)
class Outcome:
    target: Target
    configured: Configured


@dataclass(frozen=True, slots=True)
class Run:
    """How an operation goes: `core` takes the audit rows; after `max_failures` no other device is begun."""

    core: Engine
    actor: str
    allowed: Sequence[IpNetwork] = ()
    exchange: Exchange = post
    clock: Clock = SYSTEM_CLOCK
    dry_run: bool = False
    max_failures: int | None = None
    once_a_device: bool = False  # what is set belongs to the device and not to one of its channels

    def over(self, targets: Sequence[Target], wanted: Wanted) -> Iterator[Outcome]:
        """Each camera's outcome, in the order of the devices, as soon as it and those before it are done."""
        failures = _Failures(self.max_failures)
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="devices") as pool:
            done = pool.map(lambda group: self._on_device(group, wanted, failures), by_device(targets))
            for outcomes in done:
                yield from outcomes

    def _on_device(self, group: Sequence[Target], wanted: Wanted, failures: _Failures) -> list[Outcome]:
        """The cameras of one device, one after the other."""
        if self.once_a_device:
            configured = self._on_camera(group[0], wanted, failures)
            outcomes = [Outcome(target, configured) for target in group]
        else:
            outcomes = [Outcome(target, self._on_camera(target, wanted, failures)) for target in group]
        for outcome in outcomes:
            if outcome.configured.result in _AUDITED:
                self._record(outcome)
        return outcomes

    def _on_camera(self, target: Target, wanted: Wanted, failures: _Failures) -> Configured:
        if failures.too_many:
            return Configured("skipped", {}, ("too many devices before it failed.",))
        try:
            configured = configure(wanted(self.connected(target), target), dry_run=self.dry_run)
        except (DeviceError, InvalidInput) as error:
            configured = Configured("failed", {}, (" ".join(filter(None, (error.what, error.mend))),))
        failures.note(configured)
        return configured

    def connected(self, target: Target) -> Connected:
        return connected(target, self.allowed, exchange=self.exchange, clock=self.clock)

    def _record(self, outcome: Outcome) -> None:
        target, configured = outcome.target, outcome.configured
        changes = {
            part: {name: {"from": change.before, "to": change.after} for name, change in settings.items()}
            for part, settings in configured.changes.items()
        }
        detail = {"code": target.code, "result": configured.result, "changed": changes, "what": list(configured.what)}
        with transaction(self.core) as session:
            audit.record(
                session,
                AuditAction.CLI_DEVICE_CONFIGURE,
                origin=target.origin,
                actor=self.actor,
                subject=target.camera_id,
                detail=detail,
                clock=self.clock,
            )


class _Failures:
    def __init__(self, most: int | None) -> None:
        self._most = most
        self._count = 0
        self._lock = threading.Lock()

    @property
    def too_many(self) -> bool:
        return self._most is not None and self._count >= self._most

    def note(self, configured: Configured) -> None:
        with self._lock:
            self._count += configured.result in {"failed", "refused", "rolled_back", "half_done"}


def connected(
    target: Target, allowed: Sequence[IpNetwork], *, exchange: Exchange = post, clock: Clock = SYSTEM_CLOCK
) -> Connected:
    """A session at a registered camera's device.

    Raises `InvalidInput` where nobody registered one, and `DeviceError`'s leaves.
    """
    if target.onvif_url is None:
        raise InvalidInput(
            "nobody registered where its device answers ONVIF.",
            where=f"camera {target.code}",
            mend="Import it with its onvif_url.",
        )
    return connect(
        target.onvif_url,
        target.login,
        allowed=allowed,
        tls_sha256=target.tls_sha256,
        exchange=exchange,
        clock=clock,
    )
