from __future__ import annotations

from pathlib import Path

import pytest

from foundation.clock import ManualClock
from foundation.errors import Forbidden, NotAuthenticated
from foundation.keyring import Keyring
from ingest.live.media_sessions import COOKIE, MediaSessions
from ingest.live.tickets import PURPOSE, Grant, TicketOffice, issue

HOURS_12_US = 12 * 3600 * 1_000_000


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.open(tmp_path / "keys")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def test_a_ticket_grants_what_it_was_issued_for(keyring: Keyring, clock: ManualClock) -> None:
    office = TicketOffice(keyring, clock)
    grant = office.redeem(issue(keyring, clock, "zhang", ["b", "a"]))
    assert grant == Grant("zhang", frozenset({"a", "b"}), clock.now_us() + HOURS_12_US)


def test_the_media_session_ends_with_the_persons_own_at_the_latest(keyring: Keyring, clock: ManualClock) -> None:
    office = TicketOffice(keyring, clock)
    soon, late = clock.now_us() + 5, clock.now_us() + 2 * HOURS_12_US
    assert office.redeem(issue(keyring, clock, "zhang", [], session_expires_us=soon)).expires_us == soon
    assert office.redeem(issue(keyring, clock, "zhang", [], session_expires_us=late)).expires_us < late


def test_a_ticket_is_good_once_and_for_a_minute(keyring: Keyring, clock: ManualClock) -> None:
    office = TicketOffice(keyring, clock)
    first, second = issue(keyring, clock, "zhang", []), issue(keyring, clock, "zhang", [])
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
    ticket = issue(keyring, clock, "zhang", [])
    TicketOffice(keyring, clock).redeem(ticket)
    clock.advance(1)
    with pytest.raises(NotAuthenticated):
        TicketOffice(keyring, clock).redeem(ticket)


def test_what_was_sealed_for_another_purpose_or_elsewhere_is_no_ticket(
    keyring: Keyring, clock: ManualClock, tmp_path: Path
) -> None:
    office = TicketOffice(keyring, clock)
    elsewhere = Keyring.open(tmp_path / "others")
    for ticket in ("", "x:y", keyring.seal(b"{}", "credential"), issue(elsewhere, clock, "zhang", [])):
        with pytest.raises(NotAuthenticated) as caught:
            office.redeem(ticket)
        assert not ticket or ticket not in str(caught.value)


def test_the_ticket_shows_nothing_of_its_content(keyring: Keyring, clock: ManualClock) -> None:
    ticket = issue(keyring, clock, "zhang", ["camera"])
    assert "zhang" not in ticket
    assert b"camera" in keyring.unseal(ticket, PURPOSE)


def test_a_session_shows_its_cameras_until_it_ends(clock: ManualClock) -> None:
    sessions = MediaSessions(clock)
    grant = Grant("zhang", frozenset({"a"}), clock.now_us() + 1_000_000)
    cookies = {COOKIE: sessions.open(grant)}
    assert sessions.grant_for(cookies, "a") == grant
    with pytest.raises(Forbidden):
        sessions.grant_for(cookies, "b")
    for others in ({}, {COOKIE: ""}, {COOKIE: "guess"}):
        with pytest.raises(NotAuthenticated):
            sessions.grant_for(others, "a")
    clock.advance(1)
    with pytest.raises(NotAuthenticated):
        sessions.grant_for(cookies, "a")
