"""Ends that the media server was not told of.

It is told between the commit and the answer, when a process may be killed or the disk be full. So the database is
compared with the file, at the start and again and again.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import Final, NamedTuple

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from control_center.identity.models import Account, AccountGrant, AccountSession, ApiToken
from control_center.media.repeating import repeating
from foundation.clock import Clock
from foundation.database import reading
from ingest.live import ended
from ingest.live.ended import DamagedFile, Ended

PAUSE_S: Final = 10.0
_log = structlog.get_logger()


class MediaEnds:
    def __init__(self, core: Engine, run_dir: Path, clock: Clock) -> None:
        self._core = core
        self._run_dir = run_dir
        self._clock = clock

    def running(self) -> AbstractAsyncContextManager[None]:
        return repeating(self.catch_up, PAUSE_S, "media_ends_not_told")

    def catch_up(self) -> None:
        """Tell of ended sessions and of what was taken back, as far as the file does not, as of now."""
        known = Ended()
        with suppress(DamagedFile, OSError):  # then all of them are told, which replaces it
            known = ended.read(self._run_dir / ended.FILE_NAME) or known
        since_us = self._clock.now_us() - ended.LEAVE_LIFE_US
        with reading(self._core) as session:
            sessions = [end for end in _ended(session, since_us) if not _is_told(known, end)]
            revoked = _revoked(session, since_us)
        accounts = [each for each, at_us in revoked.items() if known.accounts.get(each, 0) < at_us]
        if sessions or accounts:
            _log.warning("media_ends_told_late", sessions=len(sessions), accounts=len(accounts))
            ended.note_ended(
                self._run_dir, self._clock, session_ids=[end.session_id for end in sessions], account_ids=accounts
            )


class _End(NamedTuple):
    session_id: str
    account_id: str
    at_us: int


def _is_told(known: Ended, end: _End) -> bool:
    """By itself, or with all of its account: it gets no leave after its end."""
    return end.session_id in known.sessions or known.accounts.get(end.account_id, 0) >= end.at_us


def _ended(session: Session, since_us: int) -> list[_End]:
    """Sessions of people, and tokens: to the media server a program's token is its session."""
    found: list[_End] = []
    for table, at_us in ((AccountSession, AccountSession.ended_us), (ApiToken, ApiToken.revoked_us)):
        rows = session.execute(select(table.id, table.account_id, at_us).where(at_us > since_us))
        found += [_End(session_id, account_id, ended_us or 0) for session_id, account_id, ended_us in rows]
    return found


def _revoked(session: Session, since_us: int) -> dict[str, int]:
    """When a role or a loan was last taken from each account, or it was disabled."""
    found: dict[str, int] = {}
    for account_id, at_us in (
        (AccountGrant.account_id, AccountGrant.revoked_us),
        (Account.id, Account.disabled_us),
    ):
        for account, taken_us in session.execute(select(account_id, at_us).where(at_us > since_us)):
            found[account] = max(taken_us or 0, found.get(account, 0))
    return found
