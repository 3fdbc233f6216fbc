"""Where `vedette audit` works: this machine's database, in the name of the system's user."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from control_center.access_policy import Purpose
from device_registry import centers
from foundation import audit
from foundation.audit import AuditAction, AuditEntry
from foundation.clock import SYSTEM_CLOCK
from foundation.database import Stores, open_stores, reading, transaction
from foundation.database_faults import explained
from foundation.errors import NotFound
from foundation.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Desk:
    settings: Settings
    stores: Stores
    user: str

    def record(self, action: AuditAction, facts: Mapping[str, Any], purpose: Purpose) -> AuditEntry:
        with transaction(self.stores.core) as session:
            origin = centers.ensure_local(session, self.settings, SYSTEM_CLOCK)
            return audit.record(
                session,
                action,
                origin=origin,
                actor=self.user,
                subject=origin.center_id,
                detail=facts,
                reason=purpose.reason,
                case_number=purpose.case_number,
            )

    def center_id(self, code: str | None) -> str | None:
        if code is None:
            return None
        with reading(self.stores.core) as session:
            found = centers.find(session, code)
        if found is None:
            raise NotFound("there is no such center.", where=f"center {code}", mend="`vedette centers ls` lists them.")
        return found.id


@contextmanager
def open_desk() -> Iterator[Desk]:
    settings = load_settings()
    stores = open_stores(settings)
    try:
        with explained(stores.core):
            yield Desk(settings, stores, f"cli:{getpass.getuser()}")
    finally:
        stores.dispose()
