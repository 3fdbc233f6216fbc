"""Wrong passwords and codes: counted by address, over all strangers, and apart for who is known."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from control_center.identity import sessions
from control_center.identity.devices import LONGEST, MOST_ACCOUNTS, PURPOSE, Device, from_cookie, to_cookie
from control_center.identity.sessions import Entrance, Visit
from control_center.identity.throttle import (
    ADDRESS,
    CODES,
    KNOWN,
    MOST_KEYS,
    STRANGERS,
    Debts,
    Pace,
    Refusal,
    Throttle,
    source_of,
)
from foundation.clock import US_PER_S, ManualClock
from foundation.errors import NotAuthenticated, TooMany
from foundation.keyring import Keyring


def guess(guard: Throttle, clock: ManualClock, address: str = "192.0.2.1", known: str | None = None) -> bool:
    """A wrong guess; whether it was let through to be looked at."""
    try:
        with guard.attempt(clock, address, known) as attempt:
            attempt.failed = True
    except TooMany:
        return False
    return True


def guesses(guard: Throttle, clock: ManualClock, count: int, address: str = "192.0.2.1") -> int:
    return sum(guess(guard, clock, address) for _ in range(count))


def test_an_address_has_thirty_wrong_guesses_and_one_more_each_half_minute(clock: ManualClock) -> None:
    guard = Throttle()
    assert guesses(guard, clock, 50) == ADDRESS.guesses
    with pytest.raises(TooMany) as caught, guard.attempt(clock, "192.0.2.1"):
        pass
    assert caught.value.retry_after_s == 30
    assert "in 30 s" in str(caught.value)
    assert guess(guard, clock, "192.0.2.2")
    clock.advance(29)
    assert not guess(guard, clock)
    clock.advance(1)
    assert guesses(guard, clock, 5) == 1
    clock.advance(3600)
    assert guesses(guard, clock, 50) == ADDRESS.guesses


def test_time_that_is_set_back_or_on_changes_nothing(clock: ManualClock) -> None:
    guard = Throttle()
    guesses(guard, clock, 50)
    clock.step(24 * 3600)
    assert not guess(guard, clock)
    clock.step(-48 * 3600)
    clock.advance(30)
    assert guess(guard, clock)


def test_who_signs_in_rightly_is_never_slowed_down(clock: ManualClock) -> None:
    guard = Throttle()
    for _ in range(1000):
        with guard.attempt(clock, "192.0.2.1"):
            pass
    guesses(guard, clock, ADDRESS.guesses - 1)
    for _ in range(100):
        with guard.attempt(clock, "192.0.2.1"):
            pass
    assert guesses(guard, clock, 5) == 1


def test_what_breaks_is_no_wrong_guess(clock: ManualClock) -> None:
    guard = Throttle()
    for _ in range(100):
        with pytest.raises(OSError, match="away"), guard.attempt(clock, "192.0.2.1"):
            raise OSError("away")
    assert len(guard._addresses) == 0


def test_strangers_from_everywhere_share_one_pace(clock: ManualClock) -> None:
    guard = Throttle()
    let_through = sum(guess(guard, clock, f"2001:db8:{n:x}::1") for n in range(1000))
    assert let_through == STRANGERS.guesses
    clock.advance(60)
    assert sum(guess(guard, clock, f"2001:db8:{n:x}::1") for n in range(2000, 3000)) == 30


def test_who_is_known_is_not_stopped_by_a_flood_nor_by_a_neighbour(clock: ManualClock) -> None:
    guard = Throttle()
    for n in range(1000):
        guess(guard, clock, f"198.51.100.{n % 250}")
    assert not guess(guard, clock, "192.0.2.1")
    with guard.attempt(clock, "198.51.100.7", "desk:li"):
        pass
    assert sum(guess(guard, clock, known="desk:li") for _ in range(20)) == KNOWN.guesses
    assert guess(guard, clock, known="desk:bo")
    clock.advance(30)
    assert guess(guard, clock, known="desk:li")


def test_a_hundred_thousand_addresses_do_not_make_it_grow(clock: ManualClock) -> None:
    guard = Throttle()
    let_through = largest = 0
    for n in range(100_000):
        if n % 50 == 0:
            clock.advance(1)
        let_through += guess(guard, clock, f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
        largest = max(largest, len(guard._addresses))
    assert let_through <= STRANGERS.guesses + 2_000 // 2
    assert largest <= 2 * STRANGERS.guesses
    assert len(guard._strangers) == 1


def test_keys_are_bounded_even_where_nothing_else_bounds_them() -> None:
    debts = Debts(Pace(1, US_PER_S), most_keys=3)
    for key in "abcd":
        debts.charge(key, 0)
    assert len(debts) == 3
    assert [debts.wait_us(key, 0) for key in "abcd"] == [0, US_PER_S, US_PER_S, US_PER_S]
    debts.charge("e", 2 * US_PER_S)
    assert len(debts) == 1
    guard, clock = Throttle(), ManualClock()
    for n in range(MOST_KEYS + 100):
        guess(guard, clock, known=f"desk-{n}")
    assert len(guard._known) == MOST_KEYS


@given(st.lists(st.tuples(st.integers(0, 90), st.sampled_from(["wrong", "right"])), max_size=60))
def test_no_order_of_guesses_gets_more_than_the_pace(steps: list[tuple[int, str]]) -> None:
    """However right and wrong ones alternate: never more wrong ones than at once, and one each half minute since."""
    guard, clock = Throttle(), ManualClock()
    wrong_at: list[int] = []
    for pause_s, kind in steps:
        clock.advance(pause_s)
        if kind == "right":
            try:
                with guard.attempt(clock, "192.0.2.1"):
                    pass
            except TooMany:
                pass
        elif guess(guard, clock):
            wrong_at.append(clock.monotonic_us())
    for first in range(len(wrong_at)):
        for last in range(first, len(wrong_at)):
            allowed = ADDRESS.guesses + (wrong_at[last] - wrong_at[first]) // ADDRESS.every_us
            assert last - first + 1 <= allowed


def test_guesses_at_the_same_time_count_before_they_are_answered(clock: ManualClock) -> None:
    guard = Throttle()
    with ThreadPoolExecutor(8) as threads:
        let_through = list(threads.map(lambda _: guess(guard, clock), range(200)))
    assert sum(let_through) == ADDRESS.guesses


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unknown", ""),
        ("192.0.2.7, 192.0.2.8", ""),
        ("x" * 10_000, ""),
    ],
)
def test_the_source_of_an_address(address: str, source: str) -> None:
    assert source_of(address) == source


@given(st.integers(0, (1 << 64) - 1))
def test_one_network_is_one_source(host: int) -> None:
    assert source_of(f"2001:db8::{host >> 48:x}:{host >> 32 & 0xFFFF:x}:{host >> 16 & 0xFFFF:x}:{host & 0xFFFF:x}") == (
        "2001:db8::/64"
    )


def test_refusals_are_counted_by_their_cause(clock: ManualClock) -> None:
    def counted(cause: str) -> float:
        return REGISTRY.get_sample_value("vedette_identity_refusals_total", {"cause": cause}) or 0.0

    before = {cause: counted(cause) for cause in Refusal}
    guard = Throttle()
    guesses(guard, clock, ADDRESS.guesses + 2)
    for n in range(STRANGERS.guesses):
        guess(guard, clock, f"10.0.0.{n}")
    for _ in range(KNOWN.guesses + 1):
        guess(guard, clock, known="desk")
    assert {cause: counted(cause) - before[cause] for cause in Refusal if counted(cause) != before[cause]} == {
        Refusal.ADDRESS: 2,
        Refusal.STRANGERS: ADDRESS.guesses,
        Refusal.KNOWN: 1,
    }


# Browsers that are known


def test_a_browser_is_known_at_the_accounts_that_signed_in_there(tmp_path) -> None:
    keyring = Keyring.open(tmp_path / "keys")
    device = Device.new().with_account("li").with_account("bo").with_account("li")
    assert device.account_ids == ("li", "bo")
    assert from_cookie(keyring, to_cookie(keyring, device)) == device
    assert device.key_for("li") != device.key_for("bo")
    assert device.key_for("chen") is None
    keyring.rotate()
    assert from_cookie(keyring, to_cookie(keyring, device)) == device


def test_a_workstation_of_many_forgets_who_was_there_longest_ago(tmp_path) -> None:
    device = Device.new()
    for n in range(MOST_ACCOUNTS + 5):
        device = device.with_account(f"{n:036d}")
    assert len(device.account_ids) == MOST_ACCOUNTS
    assert device.key_for(f"{4:036d}") is None
    assert len(to_cookie(Keyring.open(tmp_path / "keys"), device)) <= LONGEST


def test_a_cookie_that_is_not_ours_makes_a_stranger(tmp_path) -> None:
    keyring, other = Keyring.open(tmp_path / "keys"), Keyring.open(tmp_path / "other")
    cookie = to_cookie(keyring, Device.new().with_account("li"))
    sealed_for_else = keyring.seal(b'["x", "li"]', "totp").replace("/", "_").replace("=", ".")
    flipped = cookie[:-6] + ("A" if cookie[-6] != "A" else "B") + cookie[-5:]
    key_id = cookie.partition(":")[0]
    for wrong in (
        None,
        "",
        "x",
        key_id,
        f"{key_id}:",
        f"{key_id}:ü",
        flipped,
        cookie[:-8],
        cookie + "A" * LONGEST,
        sealed_for_else,
        to_cookie(other, Device.new().with_account("li")),
    ):
        assert from_cookie(keyring, wrong) is None
    assert keyring.unseal(cookie.replace("_", "/").replace(".", "="), PURPOSE)


# The sign-in


def refused(entrance: Entrance, password: str, visit: Visit | None = None, code: str | None = None) -> str:
    """The error's kind, or nothing for who gets in."""
    try:
        sessions.sign_in(entrance, "li", password, code=code, visit=visit)
    except (NotAuthenticated, TooMany) as error:
        return error.kind
    return ""


def test_strangers_lock_an_account_out_for_strangers_alone(entrance, own, password) -> None:
    desk = Device.new().with_account(own.account_id)
    for _ in range(10):
        assert refused(entrance, "wrong", Visit("192.0.2.1")) == "not_authenticated"
    assert refused(entrance, password, Visit("192.0.2.2")) == "not_authenticated"
    assert refused(entrance, password, Visit("192.0.2.2", device=Device.new().with_account("bo"))) != ""
    assert refused(entrance, password, Visit("192.0.2.1", device=desk)) == ""
    sessions.unlock(entrance, own, password)
    assert refused(entrance, password, Visit("192.0.2.2")) == "not_authenticated"


def test_a_known_browser_has_ten_tries_and_locks_nobody_out(entrance, own, password) -> None:
    desk = Visit("192.0.2.1", device=Device.new().with_account(own.account_id))
    for _ in range(10):
        assert refused(entrance, "wrong", desk) == "not_authenticated"
    assert refused(entrance, password, desk) == "too_many"
    assert refused(entrance, password, Visit("192.0.2.1")) == ""
    entrance.clock.advance(30)
    assert refused(entrance, password, desk) == ""


def test_a_flood_stops_strangers_and_neither_a_known_browser_nor_a_session(entrance, own, password) -> None:
    for n in range(STRANGERS.guesses):
        guess(entrance.throttle, entrance.clock, f"10.0.0.{n}")
    assert refused(entrance, password, Visit("192.0.2.1")) == "too_many"
    assert refused(entrance, password, Visit("10.0.0.1", device=Device.new().with_account(own.account_id))) == ""
    sessions.unlock(entrance, own, password)


def test_who_is_stopped_costs_no_work(entrance, own, password, monkeypatch) -> None:
    guesses(entrance.throttle, entrance.clock, ADDRESS.guesses)

    def never(*_: object) -> bool:
        raise AssertionError

    monkeypatch.setattr(sessions, "verify_password", never)
    assert refused(entrance, password, Visit("192.0.2.1")) == "too_many"


def test_codes_come_at_a_pace_of_their_own() -> None:
    """Ten at once and one in ten minutes: who has the password has one chance in 2000 a day to hit a code."""
    codes_a_day = CODES.guesses + 24 * 3600 * US_PER_S // CODES.every_us
    assert codes_a_day * 3 / 1_000_000 < 1 / 2000
