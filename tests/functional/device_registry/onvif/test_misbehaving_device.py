"""Our own device, which does wrong on purpose."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time

import pytest

from device_registry.login import Login
from device_registry.onvif import exchange
from device_registry.onvif.faults import AnswerRefused, DeviceAuthFailed, DeviceSilent, DeviceUnreachable
from device_registry.onvif.probe import Probe, probe
from foundation.errors import DeviceError, InvalidInput
from simulator.onvif_device.answers import MODEL
from simulator.onvif_device.server import OnvifDevice

pytestmark = pytest.mark.functional

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
LOGIN = Login("admin", "hunter2")
HERE = "127.0.0.1"


def probed(device: OnvifDevice | str, login: Login | None = LOGIN) -> Probe:
    return probe(device if isinstance(device, str) else device.authority, login, allowed=LOOPBACK)


def kinds(found: Probe) -> set[str]:
    return {finding.kind for finding in found.findings}


def test_a_device_tells_all_that_is_needed_to_register_it(device) -> None:
    found = probed(device())
    told = found.information
    assert (told.maker, told.model, told.serial, found.mac) == (
        "Vedette",
        MODEL,
        "SIM-0001",
        "02:00:5E:10:00:01",
    )
    assert (found.ntp, found.findings, abs(found.clock_offset_us) < 2_000_000) == (("192.0.2.123",), (), True)
    (channel,) = found.channels
    assert (channel.main.url, channel.main.profile.width) == ("rtsp://127.0.0.1:8554/main", 1920)
    assert (channel.sub.url, channel.sub.profile.width) == ("rtsp://127.0.0.1:8554/sub", 640)
    assert channel.snapshot_url.endswith("/snapshot.jpg")


def test_a_device_of_the_newer_media_service_alone_tells_its_h265(device) -> None:
    found = probed(device("media2-only"))
    (channel,) = found.channels
    assert (channel.main.profile.encoding, channel.main.profile.width, channel.main.profile.gop) == ("H265", 2560, 50)
    assert (channel.sub.profile.encoding, channel.sub.url) == ("H264", "rtsp://127.0.0.1:8554/sub")
    assert found.findings == ()


def test_a_device_that_knows_only_capabilities_is_understood(device) -> None:
    found = probed(device("old"))
    assert (len(found.channels), found.findings) == (1, ())


@pytest.mark.parametrize(
    "login", [Login("admin", "wrong"), Login("who", "hunter2"), None], ids=["word", "user", "none"]
)
@pytest.mark.parametrize("faults", [(), ("digest-only",)], ids=["token", "digest"])
def test_a_wrong_password_is_shown_twice_at_most(device, faults, login) -> None:
    with OnvifDevice(faults=faults) as free:
        assert probed(free, None).channels
    guarded = device(*faults)
    with pytest.raises(DeviceAuthFailed) as caught:
        probed(guarded, login)
    assert guarded.guard.refusals <= 2
    assert "wrong" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_right_password_may_be_refused_too(device) -> None:
    with pytest.raises(DeviceAuthFailed, match="keep ONVIF users apart"):
        probed(device("refuse-password"))


def test_http_digest_is_answered(device) -> None:
    guarded = device("digest-only")
    assert len(probed(guarded).channels) == 1
    assert guarded.guard.refusals == 1


@pytest.mark.parametrize("skew_s", [86400, -3600, 40, -40])
def test_a_clock_that_is_wrong_is_told_and_signed_in_with(device, skew_s) -> None:
    guarded = device(f"skew:{skew_s}")
    found = probed(guarded)
    assert abs(found.clock_offset_us / 1e6 - skew_s) < 2
    assert kinds(found) == {"clock_skew"}
    assert guarded.guard.refusals == 0


def test_a_device_that_tells_its_time_only_inside_is_signed_in_at(device) -> None:
    """HTTP's header has its time too."""
    found = probed(device("time-signed"))
    assert abs(found.clock_offset_us) < 2_000_000


def test_a_lying_device_leads_nowhere_else(device, dialled, looked_up) -> None:
    liar = device("lying-address:192.0.2.66:81")
    found = probed(liar)
    port = int(liar.authority.rpartition(":")[2])
    assert set(dialled) == {(HERE, port)}
    assert looked_up == [] or set(looked_up) == {HERE}
    assert "address_corrected" in kinds(found)
    (channel,) = found.channels
    assert channel.main.url.startswith("rtsp://127.0.0.1")
    assert channel.snapshot_url.startswith("http://127.0.0.1")


def test_a_redirect_is_told_and_not_followed(device, dialled) -> None:
    other = device()
    sender = device(f"redirect:http://{other.authority}/onvif/device_service")
    with pytest.raises(AnswerRefused, match=f"HTTP 307 to http://{other.authority}"):
        probed(sender)
    assert other.asked == []
    assert set(dialled) == {(HERE, int(sender.authority.rpartition(":")[2]))}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("xml-bomb", "document type"),
        ("endless", "larger than 4 MiB"),
        ("web-page", "web page"),
        ("empty", "empty"),
        ("encoding:utf-7", "encoding"),
        ("encoding:utf-32", "encoding|no XML|not in its"),
    ],
)
def test_what_is_no_answer_is_refused_in_no_time(device, fault, said) -> None:
    begin = time.monotonic()
    with pytest.raises(AnswerRefused, match=said):
        probed(device(fault))
    assert time.monotonic() - begin < 3


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "gbk"])
def test_other_encodings_are_read(device, encoding) -> None:
    assert probed(device(f"encoding:{encoding}")).information.model == MODEL


@pytest.mark.parametrize("fault", ["slow:0.05", "silent"])
def test_a_slow_or_mute_device_holds_nobody_up(device, fault, monkeypatch) -> None:
    monkeypatch.setattr(exchange, "ANSWER_S", 0.5)
    begin = time.monotonic()
    with pytest.raises(DeviceSilent, match=r"not whole after 0\.5 s"):
        probed(device(fault))
    assert 0.4 < time.monotonic() - begin < 3


def test_where_nobody_listens_there_is_no_connection() -> None:
    with socket.socket() as free:
        free.bind((HERE, 0))
        port = free.getsockname()[1]
    with pytest.raises(DeviceUnreachable, match="refused"):
        probed(f"{HERE}:{port}")


def says(words: bytes) -> int:
    """The port of a server that says this to the first who connects."""
    listener = socket.create_server((HERE, 0))

    def serve() -> None:
        with listener:
            connection, _ = listener.accept()
            with connection:
                try:
                    connection.sendall(words)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65536):  # what is left unread would reset the connection
                        pass
                except OSError:
                    pass

    threading.Thread(target=serve, daemon=True).start()
    return int(listener.getsockname()[1])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (b"RTSP/1.0 200 OK\r\n\r\n", "does not speak HTTP"),
        (b"SSH-2.0-dropbear\r\n", "does not speak HTTP"),
        (b"", "does not speak HTTP|connection broke"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n<a/>", "does not speak HTTP|empty|SOAP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<a/>", "does not speak HTTP|SOAP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "does not speak HTTP"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 400_000, "larger than|connection broke"),
    ],
    ids=["rtsp", "ssh", "nothing", "boast", "short", "headers", "chunk", "continue"],
)
def test_whoever_answers_something_else_is_told_apart(words, said) -> None:
    with pytest.raises(AnswerRefused, match=said):
        probed(f"{HERE}:{says(words)}")


def test_plain_http_at_an_encrypted_address_is_no_connection(device) -> None:
    with pytest.raises(DeviceUnreachable, match="no encrypted connection"):
        probed(f"https://{device().authority}")


def test_loopback_is_refused_unless_settings_allow_it(device, dialled) -> None:
    with pytest.raises(InvalidInput, match=r"devices\.allow"):
        probe(device().authority, LOGIN)
    assert dialled == []


def test_many_threads_share_the_definitions(device) -> None:
    devices = [device() for _ in range(4)]
    found: list[Probe | DeviceError] = []
    threads = [threading.Thread(target=lambda one=one: found.append(probed(one))) for one in devices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(one.channels) for one in found] == [1] * 4
