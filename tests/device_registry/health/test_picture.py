from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from device_registry.health.checking import Checked
from device_registry.health.damping import Holds
from device_registry.health.networks import explained
from device_registry.health.picture import Picture
from device_registry.health.registry import Watched
from device_registry.health.verdict import Answer, Finding, Verdict
from foundation.clock import US_PER_S

HOLDS = Holds(20 * US_PER_S, 30 * US_PER_S)
NETWORK = ("network", "10.0.0.0/24")
OK = Finding(Answer.OK)
GONE = Finding(Answer.UNREACHABLE, "No connection.", "Check it.")
REFUSED = Finding(Answer.AUTH_REFUSED, "Refused.", "Correct it.")


def watched(n: int, channel: str | None = "recording", **given) -> Watched:
    row = Watched(
        camera_id=f"camera-{n}",
        center_id="center",
        code=f"C{n}",
        name=f"Gate {n}",
        disabled=False,
        onvif_url=f"http://10.0.0.{n}/onvif/device_service",
        onvif_tls_sha256=None,
        serial=None,
        firmware=None,
        stream_url=f"rtsp://10.0.0.{n}/main",
        channel=channel,
        channel_cause=None,
        username="viewer",
        password="sealed",
        maintenance_id=None,
        maintenance_until_us=None,
        maintenance_reason=None,
    )
    return row._replace(**given)


@dataclass
class Watch:
    """A picture and the time; `told` keeps all that was to be kept."""

    picture: Picture = field(default_factory=lambda: Picture(HOLDS, {}, 0))
    now_us: int = 0
    told: dict[str, list[str]] = field(default_factory=dict)
    last: dict[str, tuple] = field(default_factory=dict)

    def look(self, *rows: Watched):
        return self.picture.look(rows, {}, self.now_us)

    def answer(self, n: int, finding: Finding, *, signed: bool = True) -> Checked:
        key = self.picture.device_of(f"camera-{n}")
        assert key is not None
        return self.picture.take(key, Checked(finding, f"10.0.0.{n}"), self.now_us, signed=signed)

    def wait(self, seconds: int, at_once: tuple[str, ...] = ()) -> None:
        for _ in range(seconds):
            self.now_us += US_PER_S
            told = self.picture.judge(self.now_us, self.now_us, at_once)
            for camera_id, verdict, since_us, fault in told:
                self.told.setdefault(camera_id, []).append(verdict.state)
                self.last[camera_id] = (verdict, since_us, fault)
            self.picture.note_kept(told)


def test_a_fresh_camera_is_online_when_it_is_recorded_and_its_device_answered():
    watch = Watch()
    watch.look(watched(1))
    watch.wait(10)
    assert watch.told == {}
    watch.answer(1, OK)
    watch.wait(1)
    assert watch.told == {"camera-1": ["online"]}
    watch.wait(60)
    assert watch.told == {"camera-1": ["online"]}


def test_what_a_device_answered_before_its_stream_died_says_nothing_of_now():
    watch = Watch()
    watch.look(watched(1))
    watch.answer(1, OK)
    watch.wait(5)
    news = watch.look(watched(1, "unreachable", channel_cause="Nothing answers."))
    assert news.turned == {"center http://10.0.0.1/onvif/device_service"}
    watch.wait(30)
    assert watch.told["camera-1"] == ["online", "unreachable"]
    watch.answer(1, OK)
    watch.wait(40)
    assert watch.told["camera-1"][-1] == "stream_failed"
    watch.look(watched(1))
    watch.wait(10)
    watch.answer(1, OK)
    watch.wait(40)
    assert watch.told["camera-1"][-1] == "online"


def test_a_recorder_that_is_started_again_is_no_turn():
    watch = Watch()
    watch.look(watched(1))
    assert not watch.look(watched(1, "connecting")).turned
    assert not watch.look(watched(1)).turned


def test_a_password_that_was_not_shown_again_is_as_wrong_as_before():
    watch = Watch()
    watch.look(watched(1))
    watch.answer(1, REFUSED)
    assert watch.answer(1, OK, signed=False).finding == REFUSED
    assert watch.answer(1, GONE, signed=False).finding == GONE
    watch.answer(1, REFUSED)
    assert watch.answer(1, OK).finding == OK


def test_another_login_or_serial_number_is_news():
    watch = Watch()
    watch.look(watched(1))
    assert not watch.look(watched(1)).changed
    assert watch.look(watched(1, password="sealed anew")).changed
    assert watch.look(watched(1, password="sealed anew", serial="S2")).changed


def test_the_channels_of_a_recorder_fare_apart_and_are_asked_as_one():
    watch = Watch()
    nvr = {"onvif_url": "http://10.0.0.9/onvif/device_service"}
    watch.look(watched(1, **nvr), watched(2, "silent", **nvr))
    assert list(watch.picture.to_ask().values()) == ["10.0.0.0/24"]
    watch.answer(1, OK)
    watch.wait(30)
    assert watch.told == {"camera-1": ["online"], "camera-2": ["stream_failed"]}


def test_who_needs_no_check_is_not_asked():
    watch = Watch()
    plain = {"onvif_url": None}
    watch.look(
        watched(1, **plain),
        watched(2, None, **plain),
        watched(3, disabled=True),
        watched(4, None, onvif_url=None, stream_url=None),
    )
    assert [key.partition(" ")[2] for key in watch.picture.to_ask()] == ["10.0.0.2"]
    watch.wait(30)
    assert {camera_id: states[-1] for camera_id, states in watch.told.items()} == {
        "camera-1": "online",
        "camera-2": "unknown",
        "camera-3": "disabled",
        "camera-4": "unknown",
    }


def test_a_whole_network_that_goes_is_one_fault_and_each_camera_names_it():
    watch = Watch()
    watch.look(*(watched(n) for n in range(1, 11)))
    for n in range(1, 11):
        watch.answer(n, OK)
    watch.wait(5)
    began_us = watch.now_us + US_PER_S
    watch.look(*(watched(n, "unreachable", channel_cause="No route.") for n in range(1, 10)), watched(10))
    watch.wait(30)
    assert watch.picture.faults == {NETWORK: began_us}
    assert watch.picture.sizes == {NETWORK: 9}
    for n in range(1, 10):
        verdict, since_us, fault = watch.last[f"camera-{n}"]
        assert (verdict.state, verdict.cause, fault) == ("unreachable", explained(*NETWORK)[0], NETWORK)
        assert since_us == began_us
    assert watch.told["camera-10"] == ["online"]
    watch.look(*(watched(n) for n in range(2, 11)), watched(1, "unreachable", channel_cause="No route."))
    for n in range(2, 10):
        watch.answer(n, OK)
    watch.wait(60)
    assert watch.picture.faults == {}
    assert watch.last["camera-1"][0].cause == "No route."
    assert watch.last["camera-1"][2] is None
    assert {watch.last[f"camera-{n}"][0].state for n in range(2, 10)} == {"online"}


def test_an_nvr_that_goes_is_one_fault_of_its_device():
    watch = Watch()
    nvr = {"onvif_url": "http://10.0.0.9:8000/onvif/device_service", "channel": "unreachable"}
    watch.look(watched(1, **nvr), watched(2, **nvr))
    watch.answer(1, GONE)
    watch.wait(30)
    assert list(watch.picture.faults) == [("device", "10.0.0.9:8000")]
    assert watch.last["camera-2"][2] == ("device", "10.0.0.9:8000")


def test_maintenance_covers_a_fault_and_ends_by_itself():
    watch = Watch()
    until_us = 100 * US_PER_S
    row = watched(1, "unreachable", maintenance_until_us=until_us, maintenance_reason="New pole.")
    watch.look(row)
    watch.wait(99)
    assert watch.told == {"camera-1": ["maintenance"]}
    assert not watch.picture.overdue(watch.now_us)
    watch.wait(1)
    assert watch.picture.overdue(watch.now_us)
    assert watch.told["camera-1"] == ["maintenance", "unreachable"]


def test_who_waits_is_told_at_once():
    watch = Watch()
    watch.look(watched(1))
    watch.answer(1, OK)
    watch.wait(5)
    watch.answer(1, GONE)
    watch.wait(1, at_once=("camera-1",))
    assert watch.told["camera-1"] == ["online", "degraded"]


def test_after_a_restart_what_was_told_goes_on():
    picture = Picture(HOLDS, {NETWORK: -50}, 0)
    told = (Verdict("unreachable", explained(*NETWORK)[0], explained(*NETWORK)[1]), -50, NETWORK)
    picture.look([watched(n, "unreachable") for n in range(1, 5)], {f"camera-{n}": told for n in range(1, 5)}, 0)
    assert picture.judge(US_PER_S, US_PER_S) == []


def test_a_camera_that_is_registered_no_more_is_forgotten():
    watch = Watch()
    watch.look(*(watched(n) for n in range(1, 200)))
    watch.look(watched(1))
    assert len(watch.picture) == 1
    assert watch.picture.device_of("camera-2") is None


@pytest.mark.parametrize("url", ["http://[2001:db8::7]/x", "http://10.0.0.7:8000/x", "https://gate.example/x"])
def test_the_network_of_a_device_that_was_not_asked_yet_is_that_of_its_address(url):
    watch = Watch()
    watch.look(watched(1, onvif_url=url))
    [network] = watch.picture.to_ask().values()
    assert network in ("2001:db8::/64", "10.0.0.0/24", "gate.example")
