from __future__ import annotations

import itertools

import pytest

from device_registry.health.verdict import STATES, Answer, Facts, Finding, derive

CHANNELS = (None, "connecting", "recording", "silent", "auth_failed", "refused", "unreachable")
FINDINGS = {
    "not asked": None,
    **{answer: Finding(answer, f"Cause of {answer}.", f"Mend of {answer}.") for answer in Answer if answer != "ok"},
    "ok": Finding(Answer.OK),
}
# By what the recorder reports: the health for each answer of the device.
TABLE = {
    "recording": {
        "ok": "online",
        "clock_skew": "clock_skew",
        "replaced": "degraded",
        "auth_refused": "degraded",
        "odd": "degraded",
        "not_asked": "degraded",
        "unreachable": "degraded",
        "not asked": "unknown",
    },
    "silent": dict.fromkeys(FINDINGS, "stream_failed") | {"unreachable": "unreachable"},
    "auth_failed": dict.fromkeys(FINDINGS, "auth_failed"),
    "refused": dict.fromkeys(FINDINGS, "stream_failed"),
    "unreachable": dict.fromkeys(FINDINGS, "stream_failed")
    | dict.fromkeys(("unreachable", "not asked", "not_asked"), "unreachable"),
    "connecting": dict.fromkeys(FINDINGS, "unknown"),
    None: dict.fromkeys(FINDINGS, "unknown") | {"unreachable": "unreachable", "auth_refused": "auth_failed"},
}
CASES = [(channel, device) for channel in CHANNELS for device in FINDINGS]


def facts(channel, device, **given):
    return Facts(channel, f"Cause of {channel}." if channel not in (None, "recording") else None, device, True, **given)


@pytest.mark.parametrize(("channel", "device"), CASES, ids=[f"{channel}, {device}" for channel, device in CASES])
def test_recorder_and_device_together_make_the_health(channel, device):
    verdict = derive(facts(channel, FINDINGS[device]))
    assert verdict.state == TABLE[channel][device]
    assert (verdict.cause is None, verdict.mend is None) == (verdict.state == "online",) * 2
    if verdict.cause is not None:
        assert verdict.cause.endswith((".", "?"))
        assert verdict.cause[0].isupper()


def test_what_a_person_chose_stands_above_all():
    for channel, device in itertools.product(CHANNELS, FINDINGS.values()):
        assert derive(facts(channel, device, disabled=True, maintenance_until_us=9)).state == "disabled"
        found = derive(facts(channel, device, maintenance_until_us=9, maintenance_reason="New pole."))
        assert (found.state, found.until_us, found.cause) == ("maintenance", 9, "New pole.")


def test_a_camera_without_an_onvif_address_is_judged_by_its_stream_alone():
    for channel, state in {
        "recording": "online",
        "silent": "stream_failed",
        "auth_failed": "auth_failed",
        "refused": "stream_failed",
        "unreachable": "unreachable",
        "connecting": "unknown",
        None: "unknown",
    }.items():
        assert derive(Facts(channel, None, None, has_onvif=False)).state == state


def test_the_cause_of_a_dead_stream_names_what_still_answers():
    found = derive(facts("unreachable", Finding(Answer.OK)))
    assert found.cause == "Its device answers, but its stream does not: cause of unreachable."


def test_the_worse_states_stand_further_right():
    known = [state for state in STATES if state not in ("unknown", "disabled", "maintenance")]
    assert known == ["online", "clock_skew", "degraded", "stream_failed", "auth_failed", "unreachable"]
