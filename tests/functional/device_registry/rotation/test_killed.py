"""A rotation that is killed before and after everything that it says or writes, and resumed: no device is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import event

from device_registry.onvif.endpoint import Endpoint
from device_registry.onvif.exchange import Answer, post

pytestmark = [pytest.mark.functional, pytest.mark.long]

FAULTS = [
    pytest.param((), id="well"),
    pytest.param(("refuses-user",), id="refuses", marks=pytest.mark.full),
    pytest.param(("errs-at-user",), id="errs", marks=pytest.mark.full),
    pytest.param(("user-after-restart",), id="after-restart", marks=pytest.mark.full),
]


def killed_at(step: int, site: Any, work: Callable[[], object]) -> bool:
    """Do the work in a child that kills itself at its so manieth step; False when it came to its end."""
    child = os.fork()
    if child == 0:
        site.stores.core.dispose(close=False)  # the parent's connections are the parent's
        _count_down(step, site)
        try:
            work()
        except BaseException:  # noqa: BLE001 - the child must not come back into the test
            os._exit(3)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def _count_down(step: int, site: Any) -> None:
    """The steps are each statement, each commit, each request, and the moment after each answer."""
    left = step

    def on_step(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Answer:
        on_step()
        answer = post(endpoint, body, headers)
        on_step()
        return answer

    event.listen(site.stores.core, "before_cursor_execute", on_step)
    event.listen(site.stores.core, "commit", on_step)
    site.exchange = counted


@pytest.mark.parametrize("faults", FAULTS)
def test_a_rotation_killed_at_any_step_is_resumed_to_a_password_that_opens(site, password_at, faults) -> None:
    device = site.device(*faults, channels=2)
    step, begun = 0, 0
    while killed_at(step, site, site.rotate):
        begun += "pending" in site.states()
        site.resume()
        assert "pending" not in site.states()
        assert "unknown" not in site.states()
        assert set(site.passwords()) == {password_at(device)}
        device.users.restart()
        assert set(site.passwords()) == {password_at(device)}
        step += 1
    assert begun > 10
    assert set(site.passwords()) == {password_at(device)}


@pytest.mark.full
def test_a_resumption_may_be_killed_as_well(site, password_at) -> None:
    device = site.device(channels=2)
    for step in range(20, 60, 4):
        killed_at(step, site, site.rotate)
        for again in range(3, 40, 6):
            killed_at(again, site, site.resume)
        site.resume()
        assert set(site.passwords()) == {password_at(device)}
        assert set(site.states()) <= {"done", "unchanged"}
