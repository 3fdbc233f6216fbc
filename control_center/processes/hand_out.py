"""Which camera is recorded here: the registry's answer, under a lease a stream, written down for the recorders."""

from __future__ import annotations

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from device_registry import assignments, centers
from device_registry.models import Camera, CameraStream
from foundation import leases
from foundation.clock import US_PER_S, Clock
from foundation.database import Stores, reading, transaction
from foundation.errors import StaleFence
from foundation.settings import Settings

_log = structlog.get_logger()
StreamKey = tuple[str, str]  # camera_id and name
LEASE_S = 30.0
RENEW_EVERY_S = 10.0


class HandOut:
    """Keeps `assignments.json` true. A lease is needed to start a stream; a recorder stops only for a higher fence."""

    def __init__(self, settings: Settings, stores: Stores, clock: Clock) -> None:
        self._settings = settings
        self._core = stores.core
        self._clock = clock
        self._leases: dict[StreamKey, leases.Lease] = {}
        self._asked: set[StreamKey] = set()
        self._renew_at_us = 0
        before = assignments.read(settings.run_dir) or {"streams": []}
        self._fences_before = {(old["camera_id"], old["stream"]): old["fence"] for old in before["streams"]}
        with transaction(self._core) as session:
            centers.ensure_local(session, settings, clock)

    def refresh(self) -> None:
        due = self._clock.monotonic_us() >= self._renew_at_us
        with reading(self._core) as session:
            wanted = self._wanted(session)
        if due or not self._asked.issuperset(wanted):
            self._renew_at_us = self._clock.monotonic_us() + int(RENEW_EVERY_S * US_PER_S)
            with transaction(self._core) as session:
                held = {key: self._hold(session, key) for key in wanted}
            self._leases = {key: lease for key, lease in held.items() if lease is not None}
            self._asked = set(wanted)
        with reading(self._core) as session:
            assignments.refresh(session, self._settings, {key: lease.fence for key, lease in self._leases.items()})

    def _wanted(self, session: Session) -> list[StreamKey]:
        query = select(Camera.id, CameraStream.name).join(CameraStream).order_by(Camera.id, CameraStream.name)
        rows = session.execute(query.where(Camera.node == self._settings.center.node, Camera.disabled.is_(False)))
        return [(camera_id, stream) for camera_id, stream in rows]

    def _hold(self, session: Session, key: StreamKey) -> leases.Lease | None:
        """The lease that recorders may still be working under, renewed, else a new one; None while another has it."""
        name, node = f"stream:{key[0]}/{key[1]}", self._settings.center.node
        fence = self._leases[key].fence if key in self._leases else self._fences_before.pop(key, None)
        if fence is not None:
            try:
                return leases.renew(session, leases.Lease(name, node, fence, 0), LEASE_S)
            except StaleFence:
                _log.warning("stream_lease_lost", camera_id=key[0], stream=key[1], fence=fence)
        return leases.acquire(session, name, node, LEASE_S)
