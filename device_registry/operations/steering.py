"""Cameras steered by people: under control, over a session that is kept, one command after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from device_registry import cameras
from device_registry.models import Camera
from device_registry.onvif.channels import channel_of
from device_registry.onvif.endpoint import IpNetwork
from device_registry.onvif.exchange import Exchange, post
from device_registry.onvif.faults import DeviceFault
from device_registry.onvif.ptz import Head, Preset
from device_registry.operations import control
from device_registry.operations.control import Control, Steerer
from device_registry.operations.running import connected
from device_registry.operations.targets import Target, target_of
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import SYSTEM_CLOCK, US_PER_S, Clock
from foundation.database import reading, transaction
from foundation.errors import DeviceError, InvalidInput, TooMany
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.scope import Scope

SHORTEST_MOVE_S: Final = 0.1
LONGEST_MOVE_S: Final = 10.0
_PATIENCE_S: Final = 2.0  # that a command waits for the one before
_KEPT_US: Final = 300 * US_PER_S  # after which the device's clock is asked anew
_T = TypeVar("_T")
_log = structlog.get_logger()

# Who asks, as far as it depends on the camera: a role reaches the cameras of its center and below.
Who = Callable[[Session, Camera], Steerer]


@dataclass
class _Place:
    """A camera's head and whose turn it is."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    target: Target | None = None
    head: Head | None = None
    since_us: int = 0


class Steering:
    def __init__(
        self,
        core: Engine,
        keyring: Keyring,
        allowed: Sequence[IpNetwork] = (),
        *,
        clock: Clock = SYSTEM_CLOCK,
        exchange: Exchange = post,
    ) -> None:
        self._core = core
        self._keyring = keyring
        self._allowed = allowed
        self._clock = clock
        self._exchange = exchange
        self._places: dict[str, _Place] = {}
        self._places_lock = threading.Lock()

    def take(self, camera_id: str, scope: Scope, who: Who, lease_s: float) -> Control | None:
        """Take control, also from a lower priority: then the camera is stopped."""
        with self._turn(camera_id, scope) as place:
            with transaction(self._core) as session:
                camera = cameras.get(session, camera_id, scope)
                lost = control.take(session, self._clock, camera, who(session, camera), lease_s)
                target = target_of(session, self._keyring, camera)
                found = control.holder_of(session, camera_id)
            if lost is not None:
                self._command(place, target, Head.stop)
        return found

    def release(self, camera_id: str, scope: Scope, name: str) -> None:
        with transaction(self._core) as session:
            control.release(session, self._clock, cameras.get(session, camera_id, scope), name)

    def holder(self, camera_id: str, scope: Scope) -> Control | None:
        with reading(self._core) as session:
            return control.holder_of(session, cameras.get(session, camera_id, scope).id)

    def move(
        self, camera_id: str, scope: Scope, who: Who, pan: float, tilt: float, zoom: float, timeout_s: float
    ) -> None:
        """Speeds from -1 to 1, for `timeout_s` at most; all of them 0 is a stop. Raises `InvalidInput`."""
        if not all(-1 <= speed <= 1 for speed in (pan, tilt, zoom)):
            raise InvalidInput("a speed lies outside of -1 to 1.", where="pan, tilt, zoom", mend="Give from -1 to 1.")
        if not SHORTEST_MOVE_S <= timeout_s <= LONGEST_MOVE_S:
            mend = f"Give from {SHORTEST_MOVE_S:g} to {LONGEST_MOVE_S:g} s, and move again to go on."
            raise InvalidInput("the time is too short or too long.", where="timeout_s", mend=mend)
        if not (pan or tilt or zoom):
            self.stop(camera_id, scope, who)
        else:
            self._steer(camera_id, scope, who, lambda head: head.move(pan, tilt, zoom, timeout_s), moved=True)

    def stop(self, camera_id: str, scope: Scope, who: Who) -> None:
        self._steer(camera_id, scope, who, Head.stop)

    def go_home(self, camera_id: str, scope: Scope, who: Who) -> None:
        self._steer(camera_id, scope, who, Head.go_home, moved=False)

    def go_to_preset(self, camera_id: str, scope: Scope, who: Who, token: str) -> None:
        self._steer(camera_id, scope, who, lambda head: head.go_to(token), moved=True)

    def presets(self, camera_id: str, scope: Scope) -> list[Preset]:
        """Looking at them needs no control."""
        with self._turn(camera_id, scope) as place:
            with reading(self._core) as session:
                target = target_of(session, self._keyring, cameras.get(session, camera_id, scope))
            return self._command(place, target, Head.presets)

    def keep_preset(
        self, camera_id: str, scope: Scope, who: Who, name: str, token: str | None, action: AuditAction
    ) -> Preset:
        kept = Preset(self._steer(camera_id, scope, who, lambda head: head.keep(name, token)), name)
        self._record(camera_id, scope, who, action, {"kept": kept.token, "name": name})
        return kept

    def remove_preset(self, camera_id: str, scope: Scope, who: Who, token: str, action: AuditAction) -> None:
        self._steer(camera_id, scope, who, lambda head: head.remove(token))
        self._record(camera_id, scope, who, action, {"removed": token})

    def return_idle(self, idle_s: float) -> None:
        """Send home what was left elsewhere for so long. A device that does not go is told in the log, once."""
        with reading(self._core) as session:
            if not control.is_any_idle(session, idle_s):
                return  # nothing is written every few seconds for nothing
        with transaction(self._core) as session:
            left = control.take_idle(session, idle_s)
        for camera_id in left:
            try:
                self._return(camera_id)
            except (DeviceError, InvalidInput, TooMany) as error:
                _log.warning("ptz_not_returned_home", camera=camera_id, error=str(error))

    def _return(self, camera_id: str) -> None:
        with self._turn_of(camera_id) as place:
            with reading(self._core) as session:
                camera = control.camera_to_return(session, camera_id)
                target = target_of(session, self._keyring, camera) if camera else None
            if target is not None:
                self._command(place, target, Head.go_home)

    def _steer(
        self, camera_id: str, scope: Scope, who: Who, command: Callable[[Head], _T], *, moved: bool | None = None
    ) -> _T:
        """Under control, which this renews. `moved`: whether the camera looks elsewhere than home afterwards."""
        with self._turn(camera_id, scope) as place:
            with transaction(self._core) as session:
                camera = cameras.get(session, camera_id, scope)
                control.use(session, self._clock, camera, who(session, camera))
                if moved is not None:
                    control.note_moved(session, camera_id, moved=moved)
                target = target_of(session, self._keyring, camera)
            return self._command(place, target, command)

    @contextmanager
    def _turn(self, camera_id: str, scope: Scope) -> Iterator[_Place]:
        with reading(self._core) as session:
            cameras.get(session, camera_id, scope)  # nobody keeps a place for what is not there
        with self._turn_of(camera_id) as place:
            yield place

    @contextmanager
    def _turn_of(self, camera_id: str) -> Iterator[_Place]:
        with self._places_lock:
            place = self._places.setdefault(camera_id, _Place())
        if not place.turn.acquire(timeout=_PATIENCE_S):
            raise TooMany("the camera has not answered to the command before.", mend="Wait a moment.", retry_after_s=2)
        try:
            yield place
        finally:
            place.turn.release()

    def _command(self, place: _Place, target: Target, command: Callable[[Head], _T]) -> _T:
        try:
            return command(self._head(place, target))
        except DeviceError:
            place.head = None  # asked anew next time: it may have been set up otherwise, or restarted
            raise

    def _head(self, place: _Place, target: Target) -> Head:
        now = self._clock.monotonic_us()
        if place.head is None or place.target != target or now - place.since_us > _KEPT_US:
            device = connected(target, self._allowed, exchange=self._exchange, clock=self._clock)
            profile = channel_of(device, target.main_url, target.sub_url).steerable
            if profile is None:
                raise DeviceFault("the camera cannot be steered.", where=f"camera {target.code}")
            place.head, place.target, place.since_us = Head(device, profile.token), target, now
        return place.head

    def _record(self, camera_id: str, scope: Scope, who: Who, action: AuditAction, detail: dict[str, str]) -> None:
        with transaction(self._core) as session:
            camera = cameras.get(session, camera_id, scope)
            audit.record(
                session,
                action,
                origin=Origin(camera.center_id, camera.node),
                actor=who(session, camera).name,
                subject=camera.id,
                detail={"code": camera.code} | detail,
                clock=self._clock,
            )
