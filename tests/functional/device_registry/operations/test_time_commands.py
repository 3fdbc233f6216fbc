"""`vedette cameras time` on a register of its own, against a device of ours."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.functional


def test_a_technician_sets_the_time_of_cameras(device, vedette, registered) -> None:
    first, second = device(), device()
    registered(C1=first, C2=second)
    shown = vedette("time", "show", "C1")
    assert shown.returncode == 0, shown.stderr
    assert "NTP 192.0.2.123" in shown.stdout
    asked = ("time", "set", "--ntp", "ntp.example", "--zone", "Europe/Berlin", "C1", "C2")
    preview = vedette(*asked, "--dry-run")
    assert "2 would change." in preview.stdout, preview.stderr
    assert first.state.ntp == [("IPv4", "192.0.2.123")]
    done = vedette(*asked)
    assert (done.returncode, "2 changed." in done.stdout) == (0, True), done.stdout + done.stderr
    assert second.state.ntp == [("DNS", "ntp.example")]
    assert "2 as it was." in vedette(*asked).stdout
    first.close()
    failed = vedette("time", "set", "--ntp", "192.0.2.1", "--center", "110000000000")
    assert (failed.returncode, "1 failed, 1 changed." in failed.stdout) == (1, True), failed.stdout + failed.stderr
    assert "hunter2" not in failed.stdout + failed.stderr


def test_only_who_is_registered_is_dialled(device, vedette, registered) -> None:
    stranger = device()
    registered()
    refused = vedette("time", "show", stranger.authority)
    assert (refused.returncode, "give --username" in refused.stderr) == (2, True)
    assert stranger.asked == []
    shown = vedette("time", "show", stranger.authority, "--username", "admin", typed="hunter2\n")
    assert "zone CST-8" in shown.stdout, shown.stderr
    assert "no camera is named" in vedette("time", "set", "--ntp", "192.0.2.1").stderr
