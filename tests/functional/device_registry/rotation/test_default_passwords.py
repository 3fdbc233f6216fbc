"""Passwords of makers are tried at devices of our own: seldom, with pauses, and never at one that locks."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_registry.login import Login
from device_registry.rotation.default_passwords import BUILT_IN, MAX_TRIES, PAUSE_S, Tried, Trying, logins_of
from foundation.errors import InvalidInput
from simulator.onvif_device.server import OnvifDevice
from simulator.virtual_camera.digest import Credentials

pytestmark = pytest.mark.functional

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
def device() -> Iterator[Callable[..., OnvifDevice]]:
    with ExitStack() as stack:

        def started(user: str | None, password: str = "", *faults: str) -> OnvifDevice:
            known = Credentials(user, password) if user is not None else None
            return stack.enter_context(OnvifDevice(credentials=known, faults=faults))

        yield started


def tried(device: OnvifDevice, *logins: Login) -> tuple[Tried, list[float]]:
    waits: list[float] = []
    return Trying(logins or BUILT_IN, LOOPBACK, wait=waits.append).at(device.authority), waits


def test_one_that_was_never_changed_is_told_without_its_password(device) -> None:
    found, waits = tried(device("admin", "12345"))
    assert (found.outcome, found.username, found.tries, waits) == ("default_password", "admin", 2, [PAUSE_S])
    assert "12345" not in str(found)
    assert "rotate" in found.mend


def test_one_that_was_changed_is_tried_three_times(device) -> None:
    there = device("admin", "their-own-1")
    found, waits = tried(there, *[Login("admin", f"wrong-{number}") for number in range(9)])
    assert (found.outcome, found.tries, there.guard.wrong, len(waits)) == ("none", MAX_TRIES, 3, 2)


def test_one_that_locks_is_left_alone(device) -> None:
    there = device("admin", "their-own-1", "locks-after:1")
    found, _ = tried(there)
    assert (found.outcome, found.tries, there.guard.wrong) == ("locked", 1, 1)


def test_one_that_lets_everybody_in_is_told_and_not_tried(device) -> None:
    found, _ = tried(device(None))
    assert (found.outcome, found.tries) == ("open", 0)


def test_one_that_gives_no_answer_is_left_alone(device) -> None:
    found, _ = tried(device("admin", "x", "web-page"))
    assert (found.outcome, found.tries) == ("no_answer", 0)


def test_a_list_is_read() -> None:
    found = logins_of("# of the maker\nadmin:a:b\n\nroot:\n")
    assert found == [Login("admin", "a:b"), Login("root", "")]


@pytest.mark.parametrize("text", ["", "# nothing\n", "admin\n", ":x\n", "a:1\nb:2\nc:3\nd:4\n", "a:\x07\n"])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        logins_of(text)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_without_its_passwords(text: str) -> None:
    try:
        found = logins_of(text)
    except InvalidInput:
        return
    assert 0 < len(found) <= MAX_TRIES
    assert all(login.username for login in found)
