"""What a rotation writes down, a transaction a step: a password is sealed before its device is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Engine, and_, select
from sqlalchemy.orm import Session

from device_registry import credentials, states
from device_registry.login import Login
from device_registry.models import Camera, Credential
from device_registry.rotation.models import DeviceState, PasswordRotation, RotatedDevice
from device_registry.rotation.planning import PlannedDevice, is_overtaken, open_rows, sharing
from device_registry.states import CameraState
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import Clock
from foundation.database import reading, transaction
from foundation.identifiers import Origin, new_id
from foundation.keyring import Keyring
from foundation.scope import Scope

Settled = Literal["done", "unchanged", "rolled_back", "unknown"]


@dataclass(frozen=True, slots=True)
class Turn:
    """A device whose turn it is. `was_begun`: an earlier run may have told it its new password."""

    id: str
    url: str
    old: Login
    new: Login
    tls_sha256: str | None
    was_begun: bool
    was_unknown: bool


class Ledger:
    """`scope`: the centers whose cameras are looked after here; `reach`: those whose devices have their turn, all if
    None; `actor` and `action`: who rotates, for the audit trail."""

    def __init__(
        self,
        core: Engine,
        keyring: Keyring,
        clock: Clock,
        scope: Scope,
        *,
        origin: Origin,
        actor: str,
        action: AuditAction,
        reach: Scope | None = None,
    ) -> None:
        self._core = core
        self._keyring = keyring
        self._clock = clock
        self._scope = scope
        self._origin = origin
        self._actor = actor
        self._action = action
        self._reach = scope if reach is None else reach

    def begin(self, devices: Sequence[PlannedDevice], passwords: Sequence[str]) -> str:
        """Write the rotation with a sealed new password for each device; its id."""
        now_us = self._clock.now_us()
        with transaction(self._core) as session:
            rotation = PasswordRotation(
                id=new_id(self._clock),
                center_id=self._origin.center_id,
                node=self._origin.node,
                started_us=now_us,
                started_by=self._actor,
            )
            session.add(rotation)
            open_ones = open_rows(session)
            for place, (device, password) in enumerate(zip(devices, passwords, strict=True)):
                overtaken = open_ones.get((device.url, device.username))
                if overtaken is not None:
                    self._close(overtaken, "withdrawn", "a later rotation took its place.")
                    session.flush()
                session.add(
                    RotatedDevice(
                        id=new_id(self._clock),
                        center_id=device.cameras[0].center_id,
                        node=self._origin.node,
                        rotation_id=rotation.id,
                        place=place,
                        onvif_url=device.url,
                        username=device.username,
                        state="waiting",
                        new_password=self._seal(password),
                        changed_us=now_us,
                    )
                )
            return rotation.id

    def devices(self, *states: DeviceState) -> list[str]:
        """The devices within reach and of this node in these states, by their turn."""
        query = select(RotatedDevice.id).where(
            self._reach.covers(RotatedDevice.center_id),
            RotatedDevice.node == self._origin.node,
            RotatedDevice.state.in_(states),
        )
        with reading(self._core) as session:
            return list(session.scalars(query.order_by(RotatedDevice.rotation_id, RotatedDevice.place)))

    def turn(self, device_id: str) -> Turn | None:
        """Mark the device as begun; what to try there. None: it was overtaken, and is withdrawn."""
        with transaction(self._core) as session:
            row = session.get_one(RotatedDevice, device_id)
            shared = sharing(session, self._scope, row.onvif_url, row.username)
            login = self._opened(shared[0][1]) if shared else None
            if login is None or row.new_password is None or is_overtaken(row, login, self._keyring):
                self._close(row, "withdrawn", "its cameras have gone, or another password was entered for them.")
                return None
            before = row.state
            if row.old_password is None:
                row.old_password = self._seal(login.password)
            row.state, row.changed_us = "pending", self._clock.now_us()
            new = Login(row.username, self._unseal(row.new_password))
            pin = next((camera.onvif_tls_sha256 for camera, _ in shared if camera.onvif_tls_sha256), None)
            return Turn(row.id, row.onvif_url, login, new, pin, before != "waiting", before == "unknown")

    def settle(self, turn: Turn, state: Settled, cause: str | None = None) -> None:
        """Write down what became of it, and with `done` the new password for all cameras of the device, in one step."""
        with transaction(self._core) as session:
            row = session.get_one(RotatedDevice, turn.id)
            shared = sharing(session, self._scope, row.onvif_url, row.username)
            if state == "done":
                for camera, credential in shared:
                    self._give(camera, credential, turn.new.password)
            self._close(row, state, cause)
            session.flush()
            codes = [camera.code for camera, _ in shared]
            self._record(session, row, codes)
            if state == "done":
                for camera, _ in shared:
                    states.tell(session, self._clock, camera)

    def recorded_since(self, since_us: int) -> dict[str, bool]:
        """Of the cameras that got a new password since, those of which a recorder tells: whether it is refused now."""
        query = (
            select(Camera.code, CameraState.state, CameraState.since_us, RotatedDevice.changed_us)
            .join(CameraState, CameraState.camera_id == Camera.id)
            .join(Credential, Credential.camera_id == Camera.id)
            .join(
                RotatedDevice,
                and_(
                    RotatedDevice.onvif_url == Camera.onvif_url,
                    RotatedDevice.username == Credential.username,
                    RotatedDevice.state == "done",
                    RotatedDevice.changed_us >= since_us,
                ),
            )
            .where(self._scope.covers(Camera.center_id), Camera.disabled.is_(False))
        )
        with reading(self._core) as session:
            rows = session.execute(query).all()
        return {row.code: row.state == "auth_failed" and row.since_us >= row.changed_us for row in rows}

    def _give(self, camera: Camera, credential: Credential, password: str) -> None:
        credential.password = self._seal(password)
        credential.key_id = credential.password.partition(":")[0]
        credential.sealed_us = self._clock.now_us()
        camera.updated_us = max(self._clock.now_us(), camera.updated_us + 1)

    def _close(self, row: RotatedDevice, state: DeviceState, cause: str | None) -> None:
        row.state, row.cause, row.changed_us = state, cause, self._clock.now_us()
        if state != "unknown":
            row.old_password = row.new_password = None

    def _record(self, session: Session, row: RotatedDevice, codes: Sequence[str]) -> None:
        detail = {
            "device": row.onvif_url,
            "username": row.username,
            "outcome": row.state,
            "cameras": list(codes),
            "rotation": row.rotation_id,
        }
        audit.record(
            session,
            self._action,
            origin=Origin(row.center_id, row.node),
            actor=self._actor,
            subject=row.id,
            detail=detail,
            clock=self._clock,
        )

    def _seal(self, password: str) -> str:
        return self._keyring.seal(password.encode(), credentials.PURPOSE)

    def _unseal(self, sealed: str) -> str:
        return self._keyring.unseal(sealed, credentials.PURPOSE).decode()

    def _opened(self, credential: Credential) -> Login:
        return Login(credential.username, self._unseal(credential.password))
