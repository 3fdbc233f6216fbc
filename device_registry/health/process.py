"""The process *health*: asks devices, listens to what recorders report, keeps what changes.

Without a database it goes on with what it knows, and keeps what came of it when the database is back.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from device_registry import centers
from device_registry.health import maintenance, records, registry
from device_registry.health.checking import Checked, check
from device_registry.health.damping import Holds
from device_registry.health.models import CameraHealth
from device_registry.health.networks import FaultKey
from device_registry.health.picture import Picture, Told
from device_registry.health.registry import WatchedDevice
from device_registry.health.schedule import Schedule
from device_registry.health.verdict import Answer, Finding, Verdict
from device_registry.health.workers import Workers
from device_registry.models import Camera
from device_registry.onvif.exchange import Exchange, post
from device_registry.onvif.probe import SKEW_US
from foundation import outbox
from foundation.clock import SYSTEM_CLOCK, US_PER_S, Clock
from foundation.database import Stores, open_stores, reading, reading_rows, transaction
from foundation.errors import VedetteError
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.metrics import counter
from foundation.settings import Settings

_log = structlog.get_logger()
TICK_S: Final = 0.5
BUSY_TICK_S: Final = 0.05  # while devices wait for a thread
JUDGE_US: Final = US_PER_S // 2
LOOK_US: Final = 2 * US_PER_S
LOOK_AGAIN_US: Final = 30 * US_PER_S
PRUNE_US: Final = 3600 * US_PER_S
BATCH: Final = 50  # cameras a transaction, so that no other writer waits long
_DAY_US: Final = 86_400 * US_PER_S
_FAILED: Final = (Answer.UNREACHABLE, Answer.ODD)
_checks = counter("vedette_health_checks_total", "Checks of devices, by their answer.", ["answer"])


class _Result(NamedTuple):
    key: str
    checked: Checked
    asked_us: int
    signed: bool


class Health:
    """Call `tick` again and again."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        keyring: Keyring,
        origin: Origin,
        clock: Clock = SYSTEM_CLOCK,
        exchange: Exchange = post,
    ) -> None:
        rules = settings.health
        self._core = stores.core
        self._keyring = keyring
        self._origin = origin
        self._clock = clock
        self._exchange = exchange
        self._allowed = settings.devices.networks
        self._holds = Holds(int(rules.worse_after_s * US_PER_S), int(rules.better_after_s * US_PER_S))
        self._history_us = int(rules.history_days * _DAY_US)
        self._schedule = Schedule(rules.interval_s, rules.network_rate)
        self._workers: Workers[_Result] = Workers()
        self._picture: Picture | None = None
        self._fault_ids: dict[FaultKey, str] = {}
        self._position: int | None = None
        self._look_us = self._look_again_us = self._prune_us = self._judge_us = 0
        self._waiting: dict[str, int] = {}  # cameras that somebody wants checked, and since when that is known here
        self._answered: set[str] = set()

    def tick(self) -> None:
        """Devices first; then the database, which may keep its answer to itself for a while."""
        self._collect()
        try:
            self._look()
        finally:
            self._start()
            if self._picture is not None:
                self._tell(self._picture)

    @property
    def is_busy(self) -> bool:
        """All threads were at work after the last tick."""
        return self._workers.free == 0

    def _collect(self) -> None:
        now_us = self._clock.monotonic_us()
        for key, checked, asked_us, signed in self._workers.results():
            if self._picture is None:
                continue
            answer = self._picture.take(key, checked, asked_us, signed=signed).finding.answer
            refused = signed and answer is Answer.AUTH_REFUSED
            self._schedule.done(key, now_us, failed=answer in _FAILED, auth_refused=refused)
            _checks.labels(str(answer)).inc()
            waiting = [one for one, since_us in self._waiting.items() if since_us <= asked_us]
            self._answered.update(one for one in waiting if self._picture.device_of(one) == key)

    def _look(self) -> None:
        now_us = self._clock.monotonic_us()
        if now_us < self._look_us:
            return
        self._look_us = now_us + LOOK_US
        with reading_rows(self._core) as rows:
            position = outbox.newest_position(rows)
            asked = registry.asked_for(rows, self._origin.node)
            is_news = position != self._position or now_us >= self._look_again_us
            found = registry.watched(rows, self._origin.node) if is_news else None
        if found is not None:
            self._take(found, now_us)
            self._position, self._look_again_us = position, now_us + LOOK_AGAIN_US
        self._note_asked(asked, now_us)
        self._do_chores(now_us)
        # However many cameras there are, looking takes a twentieth of the time at most; and judging, below.
        spent_us = self._clock.monotonic_us() - now_us
        self._look_us = now_us + max(LOOK_US, 20 * spent_us)

    def _take(self, found: Sequence[registry.Watched], now_us: int) -> None:
        if self._picture is None:
            self._picture = self._first_picture(now_us)
        picture = self._picture
        news = picture.look(found, self._kept(picture, found, now_us), now_us)
        self._schedule.keep(picture.to_ask(), now_us)
        self._schedule.hurry(news.turned, now_us)
        self._schedule.hurry(news.changed, now_us, sign=True)

    def _first_picture(self, now_us: int) -> Picture:
        with reading(self._core) as session:
            faults = records.open_faults(session, self._origin.node)
        self._fault_ids = {key: fault.id for key, fault in faults.items()}
        return Picture(self._holds, {key: self._monotonic(fault.since_us) for key, fault in faults.items()}, now_us)

    def _kept(
        self, picture: Picture, found: Sequence[registry.Watched], now_us: int
    ) -> dict[str, tuple[Verdict, int, FaultKey | None]]:
        """What the database has of those that are new here."""
        if all(picture.device_of(row.camera_id) is not None for row in found):
            return {}
        keys = {fault_id: key for key, fault_id in self._fault_ids.items()}
        columns = (CameraHealth.state, CameraHealth.cause, CameraHealth.mend, CameraHealth.until_us)
        query = select(CameraHealth.camera_id, *columns, CameraHealth.since_us, CameraHealth.fault_id)
        query = query.join(Camera, Camera.id == CameraHealth.camera_id).where(Camera.node == self._origin.node)
        with reading_rows(self._core) as rows:
            return {
                camera_id: (Verdict(*told), self._monotonic(since_us), keys.get(fault_id) if fault_id else None)  # type: ignore[arg-type]
                for camera_id, *told, since_us, fault_id in rows.execute(query).all()
            }

    def _monotonic(self, utc_us: int) -> int:
        return self._clock.monotonic_us() - (self._clock.now_us() - utc_us)

    def _utc(self, monotonic_us: int) -> int:
        return self._clock.now_us() - (self._clock.monotonic_us() - monotonic_us)

    def _note_asked(self, asked: Sequence[str], now_us: int) -> None:
        """Who waits for a camera that has nothing to be asked is answered by what its recorder says."""
        assert self._picture is not None
        to_ask = self._picture.to_ask() if asked else {}
        for camera_id in asked:
            if camera_id in self._waiting or camera_id in self._answered:
                continue
            self._picture.doubt_kept(camera_id)
            key = self._picture.device_of(camera_id)
            if key is None or key not in to_ask:
                self._answered.add(camera_id)
            else:
                self._waiting[camera_id] = now_us
                self._schedule.hurry([key], now_us, sign=True)

    def _do_chores(self, now_us: int) -> None:
        if self._picture is not None and self._picture.overdue(self._clock.now_us()):
            with transaction(self._core) as session:
                maintenance.end_overdue(session, self._clock)
            self._look_again_us = now_us
        if now_us >= self._prune_us:
            with transaction(self._core) as session:
                gone = records.prune(session, self._clock.now_us() - self._history_us)
            self._prune_us = now_us + (PRUNE_US if gone < records.BATCH else 0)

    def _start(self) -> None:
        if self._picture is None:
            return
        now_us = self._clock.monotonic_us()
        for key in self._schedule.start(now_us, self._workers.free):
            device = self._picture.device(key)
            assert device is not None
            signed, skewed = self._schedule.may_sign(key, now_us), self._picture.is_skewed(key)
            self._workers.start(self._work(device, now_us, signed=signed, skewed=skewed))

    def _work(self, device: WatchedDevice, now_us: int, *, signed: bool, skewed: bool) -> Callable[[], _Result]:
        # Devices tell whole seconds: a clock at the very bound must not be news with every check.
        skew_us = SKEW_US - 2 * US_PER_S if skewed else SKEW_US

        def work() -> _Result:
            return _Result(device.key, self._checked(device, skew_us, signed=signed), now_us, signed)

        return work

    def _checked(self, device: WatchedDevice, skew_us: int, *, signed: bool) -> Checked:
        registered = device.registered
        assert registered is not None
        try:
            login = device.signer.login(self._keyring) if signed else None
            return check(
                registered,
                login,
                allowed=self._allowed,
                skew_us=skew_us,
                exchange=self._exchange,
                clock=self._clock,
            )
        except VedetteError as error:
            return Checked(Finding(Answer.NOT_ASKED, error.what, error.mend))
        except Exception as error:  # noqa: BLE001 - whatever a device brought about, the thread is needed again
            _log.error("check_failed", device=registered.host, exc_info=error)
            mend = "Look into the log of the process health, and report it."
            return Checked(Finding(Answer.ODD, f"The check failed ({type(error).__name__}).", mend))

    def _tell(self, picture: Picture) -> None:
        now_us = self._clock.monotonic_us()
        if now_us < self._judge_us:
            return
        told = picture.judge(now_us, self._clock.now_us(), self._answered)
        self._judge_us = now_us + max(JUDGE_US, 20 * (self._clock.monotonic_us() - now_us))
        ended = self._fault_ids.keys() - picture.faults.keys()
        if not (told or ended or self._answered or picture.faults.keys() - self._fault_ids.keys()):
            return
        self._open_faults(picture)
        for start in range(0, len(told), BATCH):
            self._keep(picture, told[start : start + BATCH])
        self._close_faults(ended)
        self._answer()

    def _open_faults(self, picture: Picture) -> None:
        for key, since_us in picture.faults.items():
            if key not in self._fault_ids:
                size = picture.sizes.get(key, 0)
                with transaction(self._core) as session:
                    fault_id = records.open_fault(session, self._clock, self._origin, key, self._utc(since_us), size)
                self._fault_ids[key] = fault_id
                _log.warning("fault_of_many", kind=key[0], network=key[1], devices=size)

    def _keep(self, picture: Picture, told: Sequence[Told]) -> None:
        with transaction(self._core) as session:
            for camera_id, verdict, since_us, fault in told:
                fault_id = self._fault_ids.get(fault) if fault is not None else None
                records.note(session, self._clock, camera_id, verdict, self._utc(since_us), fault_id)
        picture.note_kept(told)

    def _close_faults(self, ended: set[FaultKey]) -> None:
        for key in ended:
            with transaction(self._core) as session:
                records.close_fault(session, self._clock, self._fault_ids[key])
            del self._fault_ids[key]
            _log.info("fault_of_many_over", kind=key[0], network=key[1])

    def _answer(self) -> None:
        if self._answered:
            with transaction(self._core) as session:
                records.answered(session, self._answered)
            for camera_id in self._answered:
                self._waiting.pop(camera_id, None)
            self._answered.clear()


def run_health(settings: Settings, clock: Clock = SYSTEM_CLOCK) -> None:
    """Until SIGTERM or SIGINT."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    stores = open_stores(settings)
    with transaction(stores.core) as session:
        origin = centers.ensure_local(session, settings, clock)
    health = Health(settings, stores, Keyring.open(settings.key_dir, clock), origin, clock)
    while not stopping.is_set():
        try:
            health.tick()
        except (SQLAlchemyError, VedetteError, OSError) as error:
            _log.error("health_not_kept", error=type(error).__name__, cause=str(error))
        stopping.wait(BUSY_TICK_S if health.is_busy else TICK_S)
    stores.dispose()
