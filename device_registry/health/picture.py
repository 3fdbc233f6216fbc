"""All that this machine knows of its cameras' health at a moment, and what of it is to be told.

It knows no database and no network: rows of the registry and answers of devices come in, verdicts come out. Times are a
monotonic clock's, but for the end of maintenance, which is UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from device_registry.health.checking import Checked
from device_registry.health.damping import Damper, Holds
from device_registry.health.networks import CommonFaults, FaultKey, Judged, common_faults, explained, network_of
from device_registry.health.registry import Watched, WatchedDevice, devices_of
from device_registry.health.verdict import CHOSEN, NEVER_CHECKED, Answer, Facts, Finding, Verdict, derive

_FAILING: Final = frozenset({"silent", "auth_failed", "refused", "unreachable"})
AT_ONCE: Final = Holds(0, 0)


class Told(NamedTuple):
    """What is to be kept of a camera: its health since when, and the fault that it shares."""

    camera_id: str
    verdict: Verdict
    since_us: int
    fault: FaultKey | None


@dataclass(slots=True)
class _CameraMemory:
    row: Watched
    damper: Damper
    kept: tuple[Verdict, FaultKey | None] | None  # as it stands in the database; None: somebody else may have written
    fault: FaultKey | None = None
    is_recorded: bool | None = None  # by the last word of the recorder that said so or not
    turned_us: int = -(1 << 62)  # when that changed
    seen_of: tuple[Watched, Finding | None] | None = None  # what `seen` was made of
    seen: Verdict = NEVER_CHECKED
    damped: Verdict | None = None  # what the damper saw last


@dataclass(slots=True)
class _DeviceMemory:
    device: WatchedDevice
    host: str
    network: str | None
    checked: Checked | None = None
    asked_us: int = 0


@dataclass(slots=True)
class News:
    """What a look at the registry brought: devices to ask anew, and those whose password may be tried again."""

    turned: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)


class Picture:
    def __init__(self, holds: Holds, faults: Mapping[FaultKey, int], now_us: int) -> None:
        self._holds = holds
        self._common = CommonFaults(faults, now_us)
        self._cameras: dict[str, _CameraMemory] = {}
        self._devices: dict[str, _DeviceMemory] = {}
        self.faults: dict[FaultKey, int] = dict(faults)  # told now, each with since when
        self.sizes: dict[FaultKey, int] = {}  # devices of each
        self._is_quiet = False  # nothing will be told until something else comes in

    def __len__(self) -> int:
        return len(self._devices)

    def look(
        self, rows: Iterable[Watched], kept: Mapping[str, tuple[Verdict, int, FaultKey | None]], now_us: int
    ) -> News:
        """Take the registry as it is now. `kept` is what the database has of cameras that are new here."""
        news = News()
        cameras: dict[str, _CameraMemory] = {}
        is_same = True
        for row in rows:
            memory = self._cameras.get(row.camera_id)
            if memory is None:
                verdict, since_us, fault = kept.get(row.camera_id, (NEVER_CHECKED, now_us, None))
                memory = _CameraMemory(row, Damper(verdict, since_us), (verdict, fault), fault)
                is_same = False
            elif memory.row != row:
                is_same = False
            cameras[row.camera_id] = memory
            if not is_same:
                self._note_turn(memory, row, now_us, news)
        if is_same and len(cameras) == len(self._cameras):
            return news
        self._cameras, self._is_quiet = cameras, False
        self._take_devices(devices_of(memory.row for memory in cameras.values()))
        return news

    def _note_turn(self, memory: _CameraMemory, row: Watched, now_us: int, news: News) -> None:
        before = memory.row
        memory.row = row if row != before else before
        if (before.username, before.password, before.serial) != (row.username, row.password, row.serial):
            news.changed.add(row.device)
        is_recorded = True if row.channel == "recording" else False if row.channel in _FAILING else None
        if is_recorded is None:
            return
        if memory.is_recorded not in (None, is_recorded):
            memory.turned_us = now_us  # what the device answered before says nothing of now
            news.turned.add(row.device)
        memory.is_recorded = is_recorded

    def _take_devices(self, devices: Mapping[str, WatchedDevice]) -> None:
        before, self._devices = self._devices, {}
        for key, device in devices.items():
            memory = before.get(key)
            if memory is None:
                registered = device.registered
                host, name = (registered.host, registered.hostname) if registered is not None else ("", "")
                memory = _DeviceMemory(device, host, network_of(name))
            memory.device = device
            self._devices[key] = memory

    def to_ask(self) -> dict[str, str]:
        """The devices that a check can say something of, each with its network, or its host for want of one."""
        return {
            key: memory.network or memory.host
            for key, memory in self._devices.items()
            if memory.device.registered is not None and any(_is_open(row) for row in memory.device.cameras)
        }

    def device(self, key: str) -> WatchedDevice | None:
        memory = self._devices.get(key)
        return memory.device if memory is not None else None

    def device_of(self, camera_id: str) -> str | None:
        memory = self._cameras.get(camera_id)
        return memory.row.device if memory is not None else None

    def is_skewed(self, key: str) -> bool:
        """Whether its clock was off when it was asked last."""
        memory = self._devices.get(key)
        known = memory.checked if memory is not None else None
        return known is not None and known.finding.answer is Answer.CLOCK_SKEW

    def take(self, key: str, checked: Checked, asked_us: int, *, signed: bool) -> Checked:
        """A device's answer to a question of `asked_us`; what is made of it."""
        memory = self._devices.get(key)
        if memory is None:
            return checked
        known = memory.checked
        if not signed and known is not None and known.finding.answer is Answer.AUTH_REFUSED and _is_well(checked):
            checked = replace(checked, finding=known.finding)  # the password was not tried again
        if known is not None and known.finding == checked.finding:
            checked = replace(checked, finding=known.finding)  # the same, so that nothing is judged anew
        memory.checked, memory.asked_us, self._is_quiet = checked, asked_us, False
        if checked.address is not None:
            memory.network = network_of(checked.address)
        return checked

    def judge(self, now_us: int, utc_us: int, at_once: Collection[str] = ()) -> list[Told]:
        """What is to be kept of which camera; the same again until `note_kept`. `at_once`: cameras that somebody
        waits for."""
        if self._is_quiet and not at_once:
            return []
        for memory in self._cameras.values():
            self._see(memory, utc_us)
        found = common_faults({key: self._judged(memory) for key, memory in self._devices.items()})
        worse_us = self._holds.worse_us // 2  # before the cameras themselves are told
        self.faults = self._common.see(found, now_us, worse_us=worse_us, better_us=self._holds.better_us)
        self.sizes = {key: len(devices) for key, devices in found.items()}
        by_device = {device: key for key, devices in found.items() if key in self.faults for device in devices}
        is_quiet = self.faults.keys() == found.keys()
        for camera_id, memory in self._cameras.items():
            fault = by_device.get(memory.row.device) if by_device else None
            verdict = _explained(memory.seen, fault)
            if verdict is not memory.damped or not memory.damper.is_settled:
                holds = AT_ONCE if camera_id in at_once else self._holds
                if memory.damper.see(verdict, now_us, holds):
                    memory.fault = fault if memory.damper.told is verdict and verdict.state == "unreachable" else None
                memory.damped = verdict
                is_quiet = is_quiet and memory.damper.is_settled
            is_quiet = is_quiet and memory.row.maintenance_until_us is None
        told = [
            Told(camera_id, memory.damper.told, memory.damper.since_us, memory.fault)
            for camera_id, memory in self._cameras.items()
            if memory.kept != (memory.damper.told, memory.fault)
        ]
        self._is_quiet = is_quiet and not told
        return told

    def note_kept(self, told: Iterable[Told]) -> None:
        for camera_id, verdict, _, fault in told:
            if camera_id in self._cameras:
                self._cameras[camera_id].kept = verdict, fault

    def doubt_kept(self, camera_id: str) -> None:
        """The API may have written of it between two looks: a maintenance begun and ended, for one."""
        if camera_id in self._cameras:
            self._cameras[camera_id].kept = None

    def overdue(self, utc_us: int) -> bool:
        """Whether a maintenance is over that is not noted as ended."""
        ends = (memory.row.maintenance_until_us for memory in self._cameras.values())
        return any(end is not None and end <= utc_us for end in ends)

    def _see(self, memory: _CameraMemory, utc_us: int) -> None:
        row = memory.row
        finding = _finding(memory, self._devices[row.device])
        until_us = row.maintenance_until_us
        before = memory.seen_of
        if until_us is None and before is not None and before[0] is row and before[1] is finding:
            return
        memory.seen_of = row, finding
        memory.seen = derive(
            Facts(
                channel=row.channel,
                channel_cause=row.channel_cause,
                device=finding,
                has_onvif=row.onvif_url is not None,
                disabled=row.disabled,
                maintenance_until_us=until_us if until_us is not None and until_us > utc_us else None,
                maintenance_reason=row.maintenance_reason or "",
            )
        )

    def _judged(self, memory: _DeviceMemory) -> Judged:
        states = [self._cameras[row.camera_id].seen.state for row in memory.device.cameras]
        counted = [state for state in states if state not in CHOSEN]
        return Judged(memory.host, memory.network, len(counted), counted.count("unreachable"))


def _is_open(row: Watched) -> bool:
    """A camera without an ONVIF address is judged by its stream alone, as soon as a recorder has told of that."""
    return not row.disabled and (row.onvif_url is not None or row.channel not in {"recording", *_FAILING})


def _finding(memory: _CameraMemory, device: _DeviceMemory) -> Finding | None:
    if device.checked is None or device.asked_us < memory.turned_us:
        return None
    return device.checked.finding if _is_open(memory.row) else None


def _is_well(checked: Checked) -> bool:
    return checked.finding.answer in (Answer.OK, Answer.CLOCK_SKEW)


def _explained(verdict: Verdict, fault: FaultKey | None) -> Verdict:
    if fault is None or verdict.state != "unreachable":
        return verdict
    cause, mend = explained(*fault)
    return Verdict("unreachable", cause, mend)
