from __future__ import annotations

import json
from pathlib import Path

import pytest

from foundation.clock import ManualClock
from foundation.errors import InvalidInput, NotAuthenticated
from foundation.keyring import Keyring
from ingest.live.leaves import Holder, clip_leave, live_leave
from ingest.live.tickets import PURPOSE, TicketOffice, issue

HOURS_12_US = 12 * 3600 * 1_000_000
ZHANG = Holder("zhang", "account", "session")


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.open(tmp_path / "keys")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def test_a_ticket_is_the_leave_it_was_issued_for(keyring: Keyring, clock: ManualClock) -> None:
    office = TicketOffice(keyring, clock)
    for leave in (
        live_leave(clock, ZHANG, ["b", "a"]),
        clip_leave(clock, ZHANG, "a", "sub", 5, 9),
        clip_leave(clock, ZHANG, "a", "main", 5, 9, alert_id="alert"),
    ):
        assert office.redeem(issue(keyring, leave)) == leave


def test_a_leave_ends_with_the_rights_it_rests_on_at_the_latest(clock: ManualClock) -> None:
    soon_us, late_us = clock.now_us() + 5, clock.now_us() + 2 * HOURS_12_US
    assert live_leave(clock, ZHANG, [], until_us=soon_us).expires_us == soon_us
    assert live_leave(clock, ZHANG, [], until_us=late_us).expires_us == clock.now_us() + HOURS_12_US
    assert clip_leave(clock, ZHANG, "a", "main", 1, 2, until_us=soon_us).expires_us == soon_us
    assert live_leave(clock, ZHANG, [], issued_us=7).expires_us == 7 + HOURS_12_US


@pytest.mark.parametrize(("start_us", "end_us"), [(5, 5), (6, 5), (0, 24 * 3600 * 1_000_000 + 1)])
def test_a_window_is_neither_empty_nor_longer_than_a_day(clock: ManualClock, start_us: int, end_us: int) -> None:
    with pytest.raises(InvalidInput, match="24 hours"):
        clip_leave(clock, ZHANG, "a", "main", start_us, end_us)


def test_a_clip_lies_within_its_window(clock: ManualClock) -> None:
    leave = clip_leave(clock, ZHANG, "a", "main", 10, 20)
    assert leave.covers("a", "main", 10, 20)
    assert leave.covers("a", "main", 12, 13)
    for other in (("b", "main", 10, 20), ("a", "sub", 10, 20), ("a", "main", 9, 20), ("a", "main", 10, 21)):
        assert not leave.covers(*other)
    assert not leave.covers("a", "main", 15, 15)
    assert not leave.covers("a", "main", 18, 12)


def test_a_ticket_is_good_once_and_for_a_minute(keyring: Keyring, clock: ManualClock) -> None:
    office = TicketOffice(keyring, clock)
    first, second = (issue(keyring, live_leave(clock, ZHANG, [])) for _ in range(2))
    clock.advance(59)
    office.redeem(first)
    with pytest.raises(NotAuthenticated, match="used"):
        office.redeem(first)
    clock.advance(1)
    with pytest.raises(NotAuthenticated, match="old"):
        office.redeem(second)
    with pytest.raises(NotAuthenticated):
        office.redeem(first)


def test_a_ticket_used_before_a_restart_is_not_good_after_it(keyring: Keyring, clock: ManualClock) -> None:
    ticket = issue(keyring, live_leave(clock, ZHANG, []))
    TicketOffice(keyring, clock).redeem(ticket)
    clock.advance(1)
    with pytest.raises(NotAuthenticated):
        TicketOffice(keyring, clock).redeem(ticket)


def test_what_was_sealed_for_another_purpose_or_elsewhere_is_no_ticket(
    keyring: Keyring, clock: ManualClock, tmp_path: Path
) -> None:
    office = TicketOffice(keyring, clock)
    elsewhere = issue(Keyring.open(tmp_path / "others"), live_leave(clock, ZHANG, []))
    for ticket in ("", "x:y", keyring.seal(b"{}", "credential"), elsewhere):
        with pytest.raises(NotAuthenticated) as caught:
            office.redeem(ticket)
        assert not ticket or ticket not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        {"account": "zhang", "cameras": [], "issued_us": 1, "expires_us": 2, "session_expires_us": 3, "once": "x"},
        {"id": "1", "issued_us": 1, "expires_us": 2, "holder": {"account": "zhang"}, "cameras": []},
        {"id": "1", "issued_us": 1, "expires_us": 2, "holder": "zhang", "clip": {}},
    ],
)
def test_what_another_version_sealed_is_refused(keyring: Keyring, clock: ManualClock, content: object) -> None:
    ticket = keyring.seal(json.dumps(content).encode(), PURPOSE)
    with pytest.raises(NotAuthenticated):
        TicketOffice(keyring, clock).redeem(ticket)


def test_the_ticket_shows_nothing_of_its_content(keyring: Keyring, clock: ManualClock) -> None:
    ticket = issue(keyring, live_leave(clock, ZHANG, ["camera"]))
    assert "zhang" not in ticket
    assert b"camera" in keyring.unseal(ticket, PURPOSE)
