from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from control_center.identity.models import Account, AccountGrant, AccountSession, ApiToken
from control_center.identity.roles import Role
from control_center.media.ends import MediaEnds
from device_registry.models import Center
from foundation.clock import ManualClock
from foundation.database import transaction
from foundation.identifiers import new_id
from ingest.live import ended
from ingest.live.ended import FILE_NAME, LEAVE_LIFE_US, Ended, note_ended

CENTER = "0199a000-0000-7000-8000-0000000000c1"
MINUTE_US = 60_000_000


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def ends(core: Engine, tmp_path: Path, clock: ManualClock) -> MediaEnds:
    with transaction(core) as session:
        session.add(Center(id=CENTER, node="n", code="1", name="c", level="city", created_us=clock.now_us()))
    return MediaEnds(core, tmp_path, clock)


def account(core: Engine, clock: ManualClock, name: str, *, revoked_us: int | None = None) -> str:
    now_us = clock.now_us()
    with transaction(core) as session:
        row = Account(
            id=new_id(clock),
            center_id=CENTER,
            node="n",
            username=name,
            display_name=name,
            password_state="own",
            failures=0,
            locked_until_us=0,
            created_us=now_us,
        )
        session.add(row)
        session.flush()
        session.add(
            AccountGrant(
                id=new_id(clock),
                account_id=row.id,
                role=Role.OPERATOR,
                center_id=CENTER,
                granted_us=now_us,
                granted_by="test",
                revoked_us=revoked_us,
            )
        )
        return row.id


def opened(core: Engine, clock: ManualClock, account_id: str, *, ended_us: int | None = None) -> str:
    now_us = clock.now_us()
    with transaction(core) as session:
        row = AccountSession(
            token_hash=new_id(clock),
            id=new_id(clock),
            account_id=account_id,
            method="password",
            created_us=now_us,
            expires_us=now_us + LEAVE_LIFE_US,
            active_us=now_us,
            ended_us=ended_us,
        )
        session.add(row)
        return row.id


def told(folder: Path) -> Ended | None:
    return ended.read(folder / FILE_NAME)


def test_what_ended_and_was_not_told_is_told(ends: MediaEnds, core: Engine, tmp_path: Path, clock: ManualClock) -> None:
    now_us = clock.now_us()
    person, revoked = account(core, clock, "li"), account(core, clock, "wang", revoked_us=now_us)
    opened(core, clock, person)
    over = opened(core, clock, person, ended_us=now_us)
    clock.advance(5)
    ends.catch_up()
    assert told(tmp_path) == Ended({over: clock.now_us()}, {revoked: clock.now_us()})


def test_an_account_is_told_of_whatever_was_taken_from_it(
    ends: MediaEnds, core: Engine, tmp_path: Path, clock: ManualClock
) -> None:
    now_us = clock.now_us()
    disabled, with_token, other = (account(core, clock, name) for name in ("a", "b", "c"))
    with transaction(core) as session:
        session.get_one(Account, disabled).disabled_us = now_us
        for account_id, revoked_us in ((with_token, now_us), (other, None)):
            session.add(
                ApiToken(
                    id=account_id[::-1],
                    token_hash=account_id,
                    account_id=account_id,
                    name="export",
                    rights=["watch"],
                    created_us=now_us,
                    expires_us=now_us + LEAVE_LIFE_US,
                    revoked_us=revoked_us,
                )
            )
    ends.catch_up()
    assert told(tmp_path) == Ended({with_token[::-1]: now_us}, {disabled: now_us})


def test_what_was_told_is_not_told_again(ends: MediaEnds, core: Engine, tmp_path: Path, clock: ManualClock) -> None:
    revoked = account(core, clock, "wang", revoked_us=clock.now_us())
    other = account(core, clock, "li")
    over = opened(core, clock, other, ended_us=clock.now_us())
    opened(core, clock, revoked, ended_us=clock.now_us())  # told of with its account
    note_ended(tmp_path, clock, session_ids=[over], account_ids=[revoked])
    before = (tmp_path / FILE_NAME).stat()
    for _ in range(3):
        clock.advance(60)
        ends.catch_up()
    after = (tmp_path / FILE_NAME).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_later_revocation_than_the_one_told_is_told(
    ends: MediaEnds, core: Engine, tmp_path: Path, clock: ManualClock
) -> None:
    revoked = account(core, clock, "wang", revoked_us=clock.now_us() + MINUTE_US)
    note_ended(tmp_path, clock, account_ids=[revoked])
    clock.advance(120)
    ends.catch_up()
    assert told(tmp_path) == Ended({}, {revoked: clock.now_us()})


def test_what_no_leave_can_rest_on_any_more_is_left(
    ends: MediaEnds, core: Engine, tmp_path: Path, clock: ManualClock
) -> None:
    opened(core, clock, account(core, clock, "li", revoked_us=clock.now_us()), ended_us=clock.now_us())
    clock.advance(LEAVE_LIFE_US // 1_000_000)
    ends.catch_up()
    assert told(tmp_path) is None


def test_a_file_that_is_gone_or_damaged_is_made_anew(
    ends: MediaEnds, core: Engine, tmp_path: Path, clock: ManualClock
) -> None:
    over = opened(core, clock, account(core, clock, "li"), ended_us=clock.now_us())
    ends.catch_up()
    (tmp_path / FILE_NAME).unlink()
    ends.catch_up()
    assert told(tmp_path) == Ended({over: clock.now_us()})
    (tmp_path / FILE_NAME).write_bytes(b"?")
    clock.advance(1)
    ends.catch_up()
    assert told(tmp_path) == Ended({over: clock.now_us()}, all_us=clock.now_us())
