"""Check devices now, in the caller's own process; nothing is kept."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine

from device_registry.health import registry
from device_registry.health.checking import Checked, check
from device_registry.health.registry import Watched, WatchedDevice
from device_registry.health.verdict import Answer, Facts, Finding, Verdict, derive
from device_registry.health.workers import WORKERS
from device_registry.onvif.exchange import Exchange, post
from foundation.clock import SYSTEM_CLOCK, Clock
from foundation.database import reading_rows
from foundation.errors import NotFound, VedetteError
from foundation.keyring import Keyring
from foundation.settings import Settings


@dataclass(frozen=True, slots=True)
class CheckedCamera:
    code: str
    name: str
    host: str
    finding: Finding  # what its device answered now
    verdict: Verdict  # its health, with what its recorder reported last
    remarks: tuple[str, ...] = ()  # what is no fault, and worth knowing

    @property
    def is_well(self) -> bool:
        """As far as the device can tell: where no recorder runs, nobody knows of the pictures."""
        return self.finding.answer is Answer.OK and self.verdict.state in _WELL


_WELL: Final = ("online", "unknown", "disabled", "maintenance")
_NO_ADDRESS: Final = Checked(
    Finding(Answer.NOT_ASKED, "It has neither an ONVIF address nor a stream.", "Register one.")
)


def check_each(
    core: Engine, settings: Settings, codes: Sequence[str], *, clock: Clock = SYSTEM_CLOCK, exchange: Exchange = post
) -> list[CheckedCamera]:
    """The cameras of this machine with these codes, or all, each device asked once. Raises `NotFound`."""
    with reading_rows(core) as rows:
        known = registry.watched(rows, settings.center.node)
    for code in codes:
        if code not in {row.code for row in known}:
            mend = "See `vedette cameras ls`; those of other machines are checked there."
            raise NotFound("there is no such camera on this machine.", where=f"camera {code}", mend=mend)
    wanted = {row.device for row in known if not codes or row.code in codes}
    devices = [device for key, device in registry.devices_of(known).items() if key in wanted]
    keyring = Keyring.open(settings.key_dir, clock)
    allowed = settings.devices.networks

    def ask(device: WatchedDevice) -> Checked:
        registered = device.registered
        if registered is None:
            return _NO_ADDRESS
        try:
            login = device.signer.login(keyring)
        except VedetteError as error:
            return Checked(Finding(Answer.NOT_ASKED, error.what, error.mend))
        return check(registered, login, allowed=allowed, exchange=exchange, clock=clock)

    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(ask, devices))
    pairs = zip(devices, found, strict=True)
    checked = [
        _camera(row, device, found, clock)
        for device, found in pairs
        for row in device.cameras
        if not codes or row.code in codes
    ]
    return sorted(checked, key=lambda row: row.code)


def _camera(row: Watched, device: WatchedDevice, checked: Checked, clock: Clock) -> CheckedCamera:
    until_us = row.maintenance_until_us
    facts = Facts(
        channel=row.channel,
        channel_cause=row.channel_cause,
        device=checked.finding,
        has_onvif=row.onvif_url is not None,
        disabled=row.disabled,
        maintenance_until_us=until_us if until_us is not None and until_us > clock.now_us() else None,
        maintenance_reason=row.maintenance_reason or "",
    )
    host = device.registered.host if device.registered is not None else ""
    return CheckedCamera(row.code, row.name, host, checked.finding, derive(facts), _remarks(row, checked))


def _remarks(row: Watched, checked: Checked) -> tuple[str, ...]:
    told = checked.firmware
    if told is None or row.firmware is None or told == row.firmware:
        return ()
    return (f"its firmware is {told}, registered is {row.firmware}.",)
