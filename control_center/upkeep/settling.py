"""After a restore: an end to what must not live twice.

A session, a token or a code may have been ended or used since the backup was made, and nothing here remembers it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from control_center.identity.models import Account, AccountSession, ApiToken, RecoveryCode
from control_center.pipeline import CONSUMER
from device_registry import centers
from device_registry.models import CameraStream
from foundation import cursors
from foundation.backup.cut import last_number
from foundation.backup.restore import NUMBERS_AHEAD
from foundation.backup.rooms import Rooms
from foundation.backup.shapes import STORES, shapes_of
from foundation.clock import Clock
from foundation.errors import DatabaseError
from foundation.leases import LeaseRow

BY = "restore"


def settle(core: Session, observations: Session, clock: Clock) -> Mapping[str, int]:
    _refuse_a_cursor_beyond(core, observations)
    _lease_every_stream(core)
    now_us = clock.now_us()
    open_sessions = AccountSession.ended_us.is_(None) & (AccountSession.expires_us > now_us)
    return {
        "sessions ended": _count(
            core, update(AccountSession).where(open_sessions).values(ended_us=now_us, ended_by=BY)
        ),
        "API tokens revoked": _count(
            core, update(ApiToken).where(ApiToken.revoked_us.is_(None)).values(revoked_us=now_us)
        ),
        "recovery codes used up": _count(
            core, update(RecoveryCode).where(RecoveryCode.used_us.is_(None)).values(used_us=now_us)
        ),
        "one-time passwords used up": _count(
            core,
            update(Account).where(Account.password_state == "one_time").values(password_state="consumed"),  # noqa: S105, S106 - states
        ),
    }


def _count(core: Session, statement: object) -> int:
    result = core.execute(statement, execution_options={"synchronize_session": False})  # type: ignore[call-overload]
    assert isinstance(result, CursorResult)
    return result.rowcount


def _refuse_a_cursor_beyond(core: Session, observations: Session) -> None:
    """A pipeline that waited for numbers not yet given would pass over everything until then."""
    [numbered] = [shape for shape in shapes_of("observations", STORES["observations"].head) if shape.numbered]
    position, last = cursors.position(core, CONSUMER), last_number(observations.connection(), numbered)
    if position > last:
        raise DatabaseError(
            f"matching has read up to observation {position}, and the observations end at {last}: they are not of one "
            "moment.",
            where=CONSUMER,
            mend="Take another backup.",
        )


def _lease_every_stream(core: Session) -> None:
    """A stream first leased after the backup would get fences again that its footage bears already."""
    known = set(core.scalars(select(LeaseRow.name)))
    for camera_id, stream in core.execute(select(CameraStream.camera_id, CameraStream.name)):
        name = f"stream:{camera_id}/{stream}"
        if name not in known:
            core.add(LeaseRow(name=name, holder="", fence=NUMBERS_AHEAD, expires_us=0))
    core.flush()


ROOMS = Rooms(origin=centers.ensure_local, settle=settle)
