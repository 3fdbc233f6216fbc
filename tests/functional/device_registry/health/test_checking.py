"""One check of one device, against our own, which does wrong on purpose."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from device_registry.health.checking import Registered, check
from device_registry.health.verdict import Answer
from device_registry.login import Login
from device_registry.onvif.faults import DeviceUnreachable
from foundation.errors import DeviceError

pytestmark = pytest.mark.functional

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
LOGIN = Login("admin", "hunter2")
STREAM = "rtsp://127.0.0.1:1/main"


def checked(device, clock, *, login=LOGIN, serial=None, stream_url=STREAM):
    url = f"http://{device.authority}/onvif/device_service" if device is not None else None
    return check(Registered(url, stream_url, serial), login, allowed=LOOPBACK, clock=clock)


CASES = {
    "well": ((), Answer.OK, ""),
    "digest": (("digest-only",), Answer.OK, ""),
    "old": (("old",), Answer.OK, ""),
    "an hour ahead": (("skew:3600",), Answer.CLOCK_SKEW, "about 60 minutes ahead of"),
    "a month behind": (("skew:-2600000",), Answer.CLOCK_SKEW, "about 30 days behind"),
    "six seconds": (("skew:6",), Answer.CLOCK_SKEW, "about 5 seconds ahead of"),
    "password": (("refuse-password",), Answer.AUTH_REFUSED, "refused user name and password"),
    "digest password": (("refuse-password", "digest-only"), Answer.AUTH_REFUSED, "refused user name and password"),
    "redirect": (("redirect:http://192.0.2.1/",), Answer.ODD, "redirects"),
    "web page": (("web-page",), Answer.ODD, "web page"),
    "empty": (("empty",), Answer.ODD, "empty"),
    "bomb": (("xml-bomb",), Answer.ODD, "document type"),
}


@pytest.mark.parametrize(("faults", "answer", "cause"), CASES.values(), ids=CASES)
def test_each_way_to_answer_is_told_apart(device, clock, faults, answer, cause):
    found = checked(device(*faults), clock)
    assert found.finding.answer is answer
    assert cause in (found.finding.cause or "")
    assert (found.finding.cause is None) is (answer is Answer.OK)
    assert found.address == "127.0.0.1"


def test_only_two_small_questions_are_asked(device, clock):
    asked = device()
    checked(asked, clock)
    assert asked.asked == ["GetSystemDateAndTime", "GetDeviceInformation"]


def test_a_wrong_password_is_shown_once(device, clock):
    asked = device()
    assert checked(asked, clock, login=Login("admin", "wrong")).finding.answer is Answer.AUTH_REFUSED
    assert asked.guard.refusals == 1


def test_without_a_login_no_question_is_asked_that_needs_one(device, clock):
    asked = device()
    assert checked(asked, clock, login=None).finding.answer is Answer.OK
    assert (asked.asked, asked.guard.refusals) == (["GetSystemDateAndTime"], 0)


def test_another_serial_number_is_another_device(device, clock):
    assert checked(device(), clock, serial=" sim-0001 ").finding.answer is Answer.OK
    found = checked(device("skew:100"), clock, serial="S-9").finding
    assert found.answer is Answer.REPLACED
    assert "its serial number is SIM-0001, registered is S-9" in found.cause


class Encryption(DeviceUnreachable):
    kind = "old_tls"


@pytest.mark.parametrize(
    ("error", "answer"),
    [(DeviceUnreachable, Answer.UNREACHABLE), (Encryption, Answer.ODD), (DeviceError, Answer.ODD)],
)
def test_what_the_exchange_refuses_is_told_with_its_cause_and_mend(clock, error, answer):
    def refuse(*_):
        raise error("it encrypts with nothing newer than TLS 1.1.", mend="Update its firmware.")

    device = Registered("https://127.0.0.1/x", STREAM)
    found = check(device, LOGIN, allowed=LOOPBACK, exchange=refuse, clock=clock).finding
    assert found.answer is answer
    assert (found.cause, found.mend) == ("It encrypts with nothing newer than TLS 1.1.", "Update its firmware.")


def test_nothing_listens(device, clock):
    gone = device()
    gone.close()
    found = checked(gone, clock)
    assert found.finding.answer is Answer.UNREACHABLE
    assert "connection refused" in found.finding.cause


def test_without_an_onvif_address_the_port_of_the_stream_is_tried(clock):
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"rtsp://127.0.0.1:{server.getsockname()[1]}/main"
        assert checked(None, clock, stream_url=url).finding.answer is Answer.OK
    found = checked(None, clock, stream_url=url).finding
    assert (found.answer, found.cause) == (Answer.UNREACHABLE, "No connection: connection refused.")


def test_an_address_that_may_not_be_dialled_is_not(device, clock):
    asked = device()
    found = check(Registered(f"http://{asked.authority}/x", STREAM), LOGIN, clock=clock)
    assert (found.finding.answer, asked.asked) == (Answer.NOT_ASKED, [])
    assert "devices.allow" in found.finding.mend
