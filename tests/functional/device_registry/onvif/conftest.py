from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from simulator.onvif_device.server import OnvifDevice
from simulator.virtual_camera.digest import Credentials

_dialled: list[tuple[object, ...]] = []
_looked_up: list[object] = []


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        _dialled.append(arguments[1])  # type: ignore[arg-type]
    elif event == "socket.getaddrinfo":
        _looked_up.append(arguments[0])


sys.addaudithook(_watch)  # Python itself tells of every connection, whoever makes it; a hook cannot be taken off


@pytest.fixture
def dialled() -> list[tuple[object, ...]]:
    """Address and port of every connection that this process made during the test."""
    _dialled.clear()
    return _dialled


@pytest.fixture
def looked_up() -> list[object]:
    """Every name that this process looked up during the test."""
    _looked_up.clear()
    return _looked_up


@pytest.fixture
def device() -> Iterator[Callable[..., OnvifDevice]]:
    """Start devices of our own that know the password hunter2 of the user admin, and misbehave as told."""
    with ExitStack() as stack:

        def started(*faults: str, password: str | None = "hunter2") -> OnvifDevice:
            credentials = Credentials("admin", password) if password else None
            return stack.enter_context(OnvifDevice(credentials=credentials, faults=faults))

        yield started
