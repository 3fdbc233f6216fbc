"""A device started anew (ONVIF Core, section 8.3.4), and waited for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine

from device_registry.onvif.definitions import Service
from device_registry.onvif.device import Device
from device_registry.onvif.envelope import printable
from device_registry.onvif.faults import AnswerRefused, DeviceSilent
from device_registry.onvif.services import Connected
from device_registry.operations.targets import Target
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import SYSTEM_CLOCK, Clock
from foundation.database import transaction
from foundation.errors import DeviceError

GONE_S: Final = 90.0  # there are devices that announce "in 30 seconds" and take their time
BACK_S: Final = 300.0
_PAUSE_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Restarted:
    """How it went, in seconds from the request on. `gone_s` None: it answered all the time; `back_s` None: it has not
    answered again."""

    said: str
    gone_s: float | None
    back_s: float | None


def restart(
    core: Engine,
    connected: Connected,
    cameras: Sequence[Target],
    *,
    reason: str,
    actor: str,
    clock: Clock = SYSTEM_CLOCK,
    gone_within_s: float = GONE_S,
    back_within_s: float = BACK_S,
) -> Restarted:
    """Ask it to restart, which is audited for each of its cameras, and wait until it is gone and answers again.

    Raises `DeviceError`'s leaves when it refuses.
    """
    try:
        said = printable(connected.device.call(Service.DEVICE, "SystemReboot") or "")
    except (DeviceSilent, AnswerRefused):
        said = ""  # some are gone before they have answered
    except DeviceError as error:
        _record(core, cameras, reason, actor, clock, outcome=error.kind)
        raise
    _record(core, cameras, reason, actor, clock, outcome="accepted" if said else "unanswered")
    begin_s = time.monotonic()
    gone_s = _wait(lambda: not _answers(connected), begin_s, gone_within_s)
    back_s = None if gone_s is None else _wait(lambda: _answers(connected), begin_s, gone_s + back_within_s)
    return Restarted(said, gone_s, back_s)


def _answers(connected: Connected) -> bool:
    """Whether it tells its time, for which nobody needs to sign in; a refusal is an answer, too."""
    stranger = Device(connected.device.endpoint, None, connected.device.exchange)
    try:
        stranger.learn_time()
    except DeviceError:
        return False
    return True


def _wait(done: Callable[[], bool], begin_s: float, within_s: float) -> float | None:
    """Seconds since the beginning when it was done; None: not within the time."""
    while True:
        if done():
            return time.monotonic() - begin_s
        if time.monotonic() - begin_s > within_s:
            return None
        time.sleep(_PAUSE_S)


def _record(core: Engine, cameras: Sequence[Target], reason: str, actor: str, clock: Clock, *, outcome: str) -> None:
    with transaction(core) as session:
        for target in cameras:
            audit.record(
                session,
                AuditAction.CLI_DEVICE_REBOOT,
                origin=target.origin,
                actor=actor,
                subject=target.camera_id,
                detail={"code": target.code, "outcome": outcome},
                reason=reason,
                clock=clock,
            )
