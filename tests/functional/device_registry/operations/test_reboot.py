"""A device started anew: gone, back, and told."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from device_registry.onvif.faults import DeviceFault
from device_registry.operations.restarting import restart
from foundation.audit.entries import AuditEntry
from foundation.database import reading

pytestmark = pytest.mark.functional


@pytest.fixture
def reboot(stores, at, target):
    def ask(device, **limits):
        cameras = [target(device, "C1"), target(device, "C2")]
        return restart(stores.core, at(device), cameras, reason="frozen", actor="cli:test", **limits)

    return ask


def written(stores) -> list[tuple[str, str, str]]:
    with reading(stores.core) as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.action == "cli:device:reboot"))
        return [(entry.detail["code"], entry.detail["outcome"], entry.reason) for entry in found]


def test_it_is_waited_for_and_audited_for_each_of_its_cameras(device, reboot, stores) -> None:
    found = reboot(device("reboot:3"))
    assert found.said == "Rebooting"
    assert found.gone_s is not None
    assert found.back_s is not None
    assert found.back_s > found.gone_s
    assert written(stores) == [("C1", "accepted", "frozen"), ("C2", "accepted", "frozen")]


def test_what_does_not_come_back_is_told(device, reboot) -> None:
    found = reboot(device("reboot:3600"), back_within_s=1.0)
    assert (found.gone_s is None, found.back_s) == (False, None)


def test_what_was_never_gone_is_told(device, reboot) -> None:
    found = reboot(device("reboot:0"), gone_within_s=1.0)
    assert (found.gone_s, found.back_s) == (None, None)


def test_a_refusal_is_audited_too(device, reboot, stores) -> None:
    with pytest.raises(DeviceFault):
        reboot(device("refuses:SystemReboot"))
    assert {outcome for _, outcome, _ in written(stores)} == {"device_fault"}
