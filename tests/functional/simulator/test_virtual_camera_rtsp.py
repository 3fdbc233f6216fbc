"""The server's side of RFC 2326, spoken with over a real connection."""

from __future__ import annotations

import itertools
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from foundation.clock import SYSTEM_CLOCK
from foundation.errors import ConfigError, FileMissing, InvalidInput, PortInUse
from simulator.virtual_camera import VirtualCamera, live_stream, serving
from simulator.virtual_camera.media import load_media

pytestmark = pytest.mark.functional

Connect = Callable[..., Any]
FRAME = 3600
NTP_EPOCH_S = 2_208_988_800


@pytest.fixture
def camera(cars: Path) -> Iterator[VirtualCamera]:
    with serving({"gate": cars}) as started:
        yield started


def test_the_methods_are_listed(camera: VirtualCamera, connect: Connect) -> None:
    answer = connect(camera.url("gate")).ask("OPTIONS", "*")
    assert answer.status == 200
    assert answer.headers["public"] == "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, TEARDOWN"


def test_a_description_has_its_base_and_track(camera: VirtualCamera, connect: Connect) -> None:
    answer = connect(camera.url("gate")).ask("DESCRIBE", Accept="application/sdp")
    assert answer.status == 200
    assert answer.headers["content-base"] == f"{camera.url('gate')}/"
    assert answer.headers["content-type"] == "application/sdp"
    assert "a=control:trackID=0" in answer.body.split("\r\n")


def test_sequence_numbers_and_times_go_on_over_the_loops(camera: VirtualCamera, connect: Connect, cars: Path) -> None:
    client = connect(camera.url("gate"))
    info = dict(part.split("=", 1) for part in client.play().headers["rtp-info"].split(";"))
    units = [client.access_unit() for _ in range(65)]
    packets = [packet for unit in units for packet in unit]
    assert packets[0].sequence == int(info["seq"])
    assert packets[0].timestamp == int(info["rtptime"])
    assert all((b.sequence - a.sequence) & 0xFFFF == 1 for a, b in itertools.pairwise(packets))
    assert all(len({packet.timestamp for packet in unit}) == 1 for unit in units)
    shown = sorted((unit[0].timestamp - packets[0].timestamp) & 0xFFFFFFFF for unit in units[:60])
    assert shown == [FRAME * at for at in range(60)]
    order = [unit.pts for unit in load_media(cars).units]
    assert [(unit[0].timestamp - packets[0].timestamp) & 0xFFFFFFFF for unit in units[30:60]] == [
        pts - order[0] + 30 * FRAME for pts in order
    ]


def test_a_sender_report_precedes_the_first_access_unit(camera: VirtualCamera, connect: Connect) -> None:
    client = connect(camera.url("gate"))
    client.play()
    report, first = client.packet(), client.packet()
    assert (report.channel, report.data[1], first.channel) == (1, 200, 0)
    seconds, fraction, timestamp = struct.unpack(">III", report.data[8:20])
    utc_us = (seconds - NTP_EPOCH_S) * 1_000_000 + (fraction * 1_000_000 >> 32)
    assert abs(utc_us - SYSTEM_CLOCK.now_us()) < 60_000_000
    # The report's moment is when the unit is sent: no earlier than when it was captured.
    assert 0 <= (timestamp - first.timestamp) & 0xFFFFFFFF < 90_000


def test_a_later_client_starts_at_a_keyframe_of_the_same_stream(camera: VirtualCamera, connect: Connect) -> None:
    first, second = connect(camera.url("gate")), connect(camera.url("gate"))
    first.play()
    for _ in range(5):
        first.access_unit()
    info = dict(part.split("=", 1) for part in second.play().headers["rtp-info"].split(";"))
    joined = second.access_unit()
    assert joined[0].sequence == int(info["seq"])
    assert joined[0].timestamp == int(info["rtptime"])
    same = next(packet for packet in first.rtp() if packet.sequence == joined[0].sequence)
    assert same.data == joined[0].data
    assert same.data[12] & 0x1F == 24  # the parameter sets, aggregated


def test_other_channels_are_used_when_asked_for(camera: VirtualCamera, connect: Connect) -> None:
    client, usual = connect(camera.url("gate")), connect(camera.url("gate"))
    client.play("RTP/AVP;unicast;client_port=5000-5001, RTP/AVP/TCP;unicast;interleaved=6-7")
    usual.play()
    assert {client.packet().channel for _ in range(60)} == {6, 7}
    assert {usual.packet().channel for _ in range(10)} <= {0, 1}


def test_a_transport_without_channels_gets_the_first_two(camera: VirtualCamera, connect: Connect) -> None:
    answer = connect(camera.url("gate")).setup("RTP/AVP/TCP;unicast")
    assert answer.headers["transport"] == "RTP/AVP/TCP;unicast;interleaved=0-1"
    assert answer.headers["session"].endswith(";timeout=60")


@pytest.mark.parametrize(
    "transport",
    [
        "RTP/AVP;unicast;client_port=5000-5001",
        "RTP/AVP/UDP;unicast;client_port=5000-5001",
        "RTP/AVP/TCP;unicast;interleaved=255-256",
        "RTP/AVP/TCP;unicast;interleaved=2-5",
        "",
    ],
)
def test_other_transports_are_refused(camera: VirtualCamera, connect: Connect, transport: str) -> None:
    assert connect(camera.url("gate")).setup(transport).status == 461


def test_a_pause_ends_the_packets_and_play_resumes_at_a_keyframe(camera: VirtualCamera, connect: Connect) -> None:
    client = connect(camera.url("gate"))
    client.play()
    before = client.access_unit()[-1]
    assert client.ask("PAUSE", Session=client.session).status == 200
    before = [*client.waiting, before][-1] if client.waiting else before
    client.waiting.clear()
    assert client.nothing_comes_for(0.3)
    assert camera.counts["gate"].playing == 0
    assert client.ask("PLAY", Session=client.session).status == 200
    resumed = client.access_unit()
    assert resumed[0].data[12] & 0x1F == 24
    assert 0 < (resumed[0].timestamp - before.timestamp) & 0xFFFFFFFF < 1 << 31


def test_a_session_ends_with_its_teardown_and_another_may_follow(camera: VirtualCamera, connect: Connect) -> None:
    client = connect(camera.url("gate"))
    client.play()
    ended = client.session
    assert client.ask("TEARDOWN", Session=ended).status == 200
    assert client.ask("GET_PARAMETER", Session=ended).status == 454
    client.waiting.clear()
    assert client.play().status == 200
    assert client.session != ended
    assert client.access_unit()


def test_requests_out_of_order_or_place_are_refused(camera: VirtualCamera, connect: Connect) -> None:
    client = connect(camera.url("gate"))
    assert client.ask("PLAY").status == 455
    assert client.ask("PLAY", Session="unknown").status == 454
    assert client.ask("SETUP", Transport="RTP/AVP/TCP").status == 459
    assert client.ask("DESCRIBE", camera.url("cellar")).status == 404
    assert client.ask("DESCRIBE", "rtsp://[/gate").status == 400
    assert client.ask("DESCRIBE", Accept="text/html").status == 406
    assert client.ask("RECORD").status == 501
    assert client.ask("OPTIONS", version="RTSP/2.0").status == 505
    assert client.ask("OPTIONS", Require="onvif-replay").headers["unsupported"] == "onvif-replay"
    client.play()
    assert client.setup(Session=client.session).status == 455


def test_what_is_no_rtsp_ends_the_connection(camera: VirtualCamera, connect: Connect) -> None:
    client = connect(camera.url("gate"))
    assert client.ask("GET", "/", version="HTTP/1.1").status == 400
    assert client.is_ended()


def test_a_client_that_falls_silent_is_forgotten(cars: Path, connect: Connect) -> None:
    with serving({"gate": cars}, session_timeout_s=0.4) as camera:
        client = connect(camera.url("gate"))
        client.play()
        assert client.is_ended()
        assert camera.counts["gate"].playing == 0


def test_keep_alives_and_rtcp_keep_a_session(cars: Path, connect: Connect) -> None:
    with serving({"gate": cars}, session_timeout_s=0.5) as camera:
        client = connect(camera.url("gate"))
        client.play()
        for at in range(30):
            client.access_unit()
            if at % 2:
                client.socket.sendall(b"$\x01\x00\x08" + bytes.fromhex("80c9000100000000"))
            else:
                assert client.ask("GET_PARAMETER", Session=client.session).status == 200


@pytest.mark.parametrize("offer", [0, 1])
def test_both_digests_sign_in(cars: Path, connect: Connect, digest_answer: Callable[..., str], offer: int) -> None:
    with serving({"gate": cars}, user="viewer", password="right") as camera:
        url = camera.url("gate")
        client = connect(url)
        refused = client.ask("DESCRIBE")
        assert (refused.status, len(refused.challenges)) == (401, 2)
        challenge = refused.challenges[offer]
        wrong = digest_answer(challenge, "DESCRIBE", url, "viewer", "wrong")
        assert client.ask("DESCRIBE", Authorization=wrong).status == 401
        right = digest_answer(challenge, "DESCRIBE", url, "viewer", "right")
        assert client.ask("DESCRIBE", Authorization=right).status == 200
        assert client.setup().status == 401


def test_a_nonce_of_another_connection_is_stale(
    cars: Path, connect: Connect, digest_answer: Callable[..., str]
) -> None:
    with serving({"gate": cars}, user="viewer", password="right") as camera:
        url = camera.url("gate")
        old = connect(url).ask("DESCRIBE").challenges[0]
        client = connect(url)
        stale = client.ask("DESCRIBE", Authorization=digest_answer(old, "DESCRIBE", url, "viewer", "right"))
        assert stale.status == 401
        assert "stale=true" in stale.challenges[0]
        again = digest_answer(stale.challenges[0], "DESCRIBE", url, "viewer", "right")
        assert client.ask("DESCRIBE", Authorization=again).status == 200


def test_what_was_counted_is_what_came(cars: Path, connect: Connect) -> None:
    with serving({"gate": cars}) as camera:
        client = connect(camera.url("gate"))
        client.play()
        for _ in range(10):
            client.access_unit()
        received = 10 + _units_until_the_answer(client)
        (counts,) = camera.clients
        assert (counts.path, counts.access_units) == ("gate", received)
        client.close()
    total = camera.counts["gate"]
    assert (total.clients, total.access_units, total.playing) == (1, received, 0)
    assert total.bytes == counts.bytes


def _units_until_the_answer(client: Any) -> int:
    client.ask("PAUSE", Session=client.session)
    return sum(packet.marker for packet in client.waiting if packet.is_rtp)


def test_a_slow_client_loses_units_up_to_a_keyframe(
    cars: Path, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_stream, "MAX_CLIENT_BACKLOG", 4096)
    with serving({"gate": cars}) as camera:
        quick, slow = connect(camera.url("gate")), connect(camera.url("gate"), receive_buffer=4096)
        quick.play()
        slow.play()
        (counts,) = (client for client in camera.clients if client.peer == str(slow.socket.getsockname()))
        for player in tuple(camera._streams["gate"]._players):
            player.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        while counts.skipped < 3:
            quick.access_unit()
        packets = slow.rtp()
        last, packet = next(packets), next(packets)
        while packet.sequence == (last.sequence + 1) & 0xFFFF:
            last, packet = packet, next(packets)
        assert last.marker
        assert packet.data[12] & 0x1F == 24
        assert camera.counts["gate"].skipped == counts.skipped


async def test_a_camera_runs_in_an_event_loop_too(cars: Path) -> None:
    camera = VirtualCamera({"gate": cars})
    await camera.start()
    assert camera.url("gate") == f"rtsp://127.0.0.1:{camera.port}/gate"
    await camera.close()
    await camera.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", camera.port))


def test_a_port_in_use_is_named(cars: Path, camera: VirtualCamera) -> None:
    with pytest.raises(PortInUse, match=f"127.0.0.1:{camera.port}"), serving({"gate": cars}, port=camera.port):
        pass


def test_a_camera_that_cannot_start_says_why(cars: Path, tmp_path: Path) -> None:
    with pytest.raises(FileMissing), serving({"gate": tmp_path / "gone.mp4"}):
        pass
    with pytest.raises(ConfigError):
        VirtualCamera({"gate": cars}, user="viewer")
    with pytest.raises(InvalidInput):
        VirtualCamera({"/": cars})
