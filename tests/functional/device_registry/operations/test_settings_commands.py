"""`vedette cameras settings`, `ptz` and `reboot` on a register of its own, against a device of ours."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.functional


def test_a_technician_sets_cameras_alike(device, vedette, registered) -> None:
    ours = device()
    registered(C1=ours)
    shown = vedette("settings", "show", "C1")
    assert shown.returncode == 0, shown.stderr
    for text in ("1920x1080", "640x360", "brightness", "text_at"):
        assert text in shown.stdout
    asked = ("settings", "apply", "C1", "--gop", "100", "--text", "{code}", "--ir-cut", "off")
    done = vedette(*asked)
    assert (done.returncode, "1 changed." in done.stdout) == (0, True), done.stdout + done.stderr
    assert (ours.state.encoders["main"].gop, ours.state.imaging["IrCutFilter"]) == (100, "OFF")
    assert [osd.text for osd in ours.state.osds.values()] == ["C1"]
    refused = vedette("settings", "apply", "C1", "--gop", "999")
    assert (refused.returncode, "nearest: 400" in refused.stdout) == (1, True), refused.stdout
    for wrong in (["--codec", "VP8"], ["--resolution", "big"], ["--ir-cut", "perhaps"], ["--text", "\n"], []):
        assert vedette("settings", "apply", "C1", *wrong).returncode == 2, wrong


def test_a_technician_steers_and_restarts_a_camera(device, vedette, registered) -> None:
    ours = device("reboot:3")
    registered(C1=ours)
    moved = vedette("ptz", "move", "C1", "--pan", "0.5", "--seconds", "10")
    assert moved.returncode == 0, moved.stderr
    assert ours.state.velocity.pan == 0.5
    kept = vedette("ptz", "keep", "C1", "gate")
    assert "Preset preset1: gate." in kept.stdout, kept.stderr
    assert "gate" in vedette("ptz", "presets", "C1").stdout
    restarted = vedette("reboot", "C1", "--reason", "frozen")
    assert restarted.returncode == 0, restarted.stdout + restarted.stderr
    assert "it answers again after" in restarted.stdout
