from __future__ import annotations

from collections.abc import Callable
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_registry.login import Login
from device_registry.onvif import users
from device_registry.onvif.device import Device
from device_registry.onvif.endpoint import Endpoint
from device_registry.onvif.exchange import Answer
from device_registry.onvif.faults import DeviceFault
from foundation.errors import DeviceError
from simulator.onvif_device import answers

HERE = Endpoint("http", "camera", 80, "/onvif/device_service", "192.0.2.7")
LOGIN = Login("admin", "hunter2")


def device(body: str) -> Device:
    def exchange(*_: object) -> Answer:
        return Answer(200, "application/soap+xml", (), None, None, answers.envelope(body).encode(), None)

    return Device(HERE, LOGIN, exchange)


def told(*rows: str) -> str:
    return f"<tds:GetUsersResponse>{''.join(rows)}</tds:GetUsersResponse>"


def row(name: str, level: str) -> str:
    return f"<tds:User><tt:Username>{escape(name)}</tt:Username><tt:UserLevel>{escape(level)}</tt:UserLevel></tds:User>"


def test_users_are_read_with_their_levels() -> None:
    found = users.users(device(told(row("admin", "Administrator"), row("看守", "Extended"))))
    assert [(user.name, user.level) for user in found] == [("admin", "Administrator"), ("看守", "Extended")]


def test_a_device_without_users_tells_none() -> None:
    assert users.users(device(told())) == []


@pytest.mark.parametrize("change", [users.set_user, users.create_user], ids=["set", "create"])
def test_a_password_that_the_device_repeats_is_not_repeated(change: Callable[..., None]) -> None:
    repeating = device(answers.fault("Sender", "InvalidArgVal", "the password Secret-77 is too short"))
    with pytest.raises(DeviceFault, match="is too short") as caught:
        change(repeating, Login("admin", "Secret-77"), "User")
    assert "Secret-77" not in str(caught.value)
    assert "Secret-77" not in repr(caught.value.extensions)


_TAGS = ("<tds:User>", "</tds:User>", "<tt:Username>", "</tt:Username>", "<tt:UserLevel>User</tt:UserLevel>", "&", "x")


@given(st.lists(st.sampled_from(_TAGS) | st.text(max_size=5), max_size=12))
def test_whatever_is_told_is_read_or_refused(parts: list[str]) -> None:
    try:
        found = users.users(device(told(*parts)))
    except DeviceError:
        return
    assert all(user.name.isprintable() and user.level.isprintable() for user in found)
