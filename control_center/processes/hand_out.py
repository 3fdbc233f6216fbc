"""Which camera is recorded here: the registry's answer, under a lease a stream, written down for the recorders."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from device_registry import assignments, centers
from device_registry.models import Camera, CameraStream
from foundation import leases
from foundation.clock import US_PER_S, Clock
from foundation.database import Stores, transaction
from foundation.errors import StaleFence
from foundation.settings import Settings

LEASE_S = 30.0
RENEW_EVERY_S = 10.0


class HandOut:
    """Keeps `assignments.json` true. A lease is needed to start a stream; a recorder stops only for a higher fence."""

    def __init__(self, settings: Settings, stores: Stores, clock: Clock) -> None:
        self._settings = settings
        self._core = stores.core
        self._clock = clock
        self._leases: dict[tuple[str, str], leases.Lease] = {}
        self._renew_at_us = 0
        before = assignments.read(settings.run_dir) or {"streams": []}
        self._fences_before = {(old["camera_id"], old["stream"]): old["fence"] for old in before["streams"]}
        with transaction(self._core) as session:
            centers.ensure_local(session, settings, clock)

    def refresh(self) -> None:
        due = self._clock.monotonic_us() >= self._renew_at_us
        if due:
            self._renew_at_us = self._clock.monotonic_us() + int(RENEW_EVERY_S * US_PER_S)
        with transaction(self._core) as session:
            node = self._settings.center.node
            query = select(Camera.id, CameraStream.name).join(CameraStream).where(Camera.node == node)
            for camera_id, stream in session.execute(query.where(Camera.disabled.is_(False))):
                key = (camera_id, stream)
                if key not in self._leases:
                    lease = self._take(session, f"stream:{camera_id}/{stream}", self._fences_before.get(key))
                    if lease is not None:
                        self._leases[key] = lease
                elif due:
                    self._leases[key] = leases.renew(session, self._leases[key], LEASE_S)
            assignments.refresh(session, self._settings, {key: lease.fence for key, lease in self._leases.items()})

    def _take(self, session: Session, name: str, fence_before: int | None) -> leases.Lease | None:
        """The lease that the recorders may still be working under, else a new one under a higher fence."""
        node = self._settings.center.node
        if fence_before is not None:
            try:
                return leases.renew(session, leases.Lease(name, node, fence_before, 0), LEASE_S)
            except StaleFence:
                pass
        return leases.acquire(session, name, node, LEASE_S)
