"""RTSP over TLS: against GStreamer's server, and against devices that break the rules."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from foundation.clock import SYSTEM_CLOCK
from foundation.errors import StreamError, StreamRefused
from foundation.http_auth import Credentials
from ingest.access_unit import AccessUnit
from ingest.rtsp.faults import StreamAuthFailed
from ingest.rtsp.session import RtspSession
from ingest.rtsp.timeline import UtcLine
from ingest.rtsp.tls import TlsLayer

pytestmark = pytest.mark.functional

VIEWER = Credentials("viewer", "right")
SDP = b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
DESCRIBED = b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(SDP), SDP)
OK = b"RTSP/1.0 200 OK\r\n\r\n"
PLAYING = b"RTSP/1.0 200 OK\r\nSession: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n"


def _certificate(file: Path, bits: int = 2048) -> str:
    """Writes a certificate that signed itself, with its key; returns its fingerprint."""
    key = rsa.generate_private_key(65537, bits)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return certificate.fingerprint(hashes.SHA256()).hex()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    file = tmp_path_factory.mktemp("tls") / "camera.pem"
    return file, _certificate(file)


@pytest.fixture(scope="module")
def gstreamer(gstreamer_serving: Any, certificate: tuple[Path, str]) -> Iterator[Any]:
    with gstreamer_serving("--tls", str(certificate[0])) as server:
        yield server


async def _open(url: str, credentials: Credentials | None = None, pin: str | None = None) -> RtspSession:
    return await RtspSession.open(url, credentials, clock=SYSTEM_CLOCK, utc=UtcLine(SYSTEM_CLOCK), tls_sha256=pin)


async def _receive(session: RtspSession, count: int) -> list[AccessUnit]:
    units: list[AccessUnit] = []
    async with asyncio.timeout(30):
        try:
            while len(units) < count:
                units += [event for event in await session.read() if isinstance(event, AccessUnit)]
        finally:
            await session.close()
    return units


@pytest.mark.parametrize("path", ["h264", "b-frames", "h265"])
async def test_every_unit_of_gstreamers_server(gstreamer: Any, certificate: tuple[Path, str], path: str) -> None:
    session = await _open(gstreamer.url(path), VIEWER, certificate[1])
    assert session.tls_sha256 == certificate[1]
    units = await _receive(session, 40 if path != "h265" else 20)
    assert units[0].is_keyframe
    assert not any(unit.gap_before for unit in units)


async def test_signing_in_is_refused_as_without_encryption(gstreamer: Any) -> None:
    with pytest.raises(StreamAuthFailed):
        await _open(gstreamer.url("h264"), Credentials("viewer", "wrong"))


async def test_another_certificate_than_the_pinned_one_is_refused(
    gstreamer: Any, certificate: tuple[Path, str]
) -> None:
    with pytest.raises(StreamRefused, match=certificate[1]) as refused:
        await _open(gstreamer.url("h264"), VIEWER, "0" * 64)
    assert "pin its new certificate" in (refused.value.mend or "")


@asynccontextmanager
async def _device(file: Path, answers: list[bytes], *, newest: ssl.TLSVersion | None = None) -> AsyncIterator[Any]:
    """Answers the n-th request with the n-th answer, over TLS; gives its URL and the list of what it was asked."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    if newest is not None:
        context.minimum_version, context.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, newest
        context.set_ciphers("ALL:@SECLEVEL=0")
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for answer in answers:
                asked.append(await reader.readuntil(b"\r\n\r\n"))
                for at in range(0, len(answer), 1 << 16):
                    writer.write(answer[at : at + (1 << 16)])
                    await writer.drain()
            await reader.read()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"rtsps://127.0.0.1:{server.sockets[0].getsockname()[1]}/x", asked


async def test_nothing_is_asked_of_a_device_with_the_wrong_certificate(certificate: tuple[Path, str]) -> None:
    async with _device(certificate[0], [OK]) as (url, asked):
        with pytest.raises(StreamRefused, match="not the one that was pinned"):
            await _open(url, VIEWER, "0" * 64)
        assert asked == []


async def test_a_redirect_never_leaves_the_encryption(certificate: tuple[Path, str]) -> None:
    for location, words in (
        (b"rtsp://127.0.0.1:9/x", "without encryption"),
        (b"rtsps://localhost:9/x", "another host"),
    ):
        moved = b"RTSP/1.0 302 Moved\r\nLocation: %s\r\n\r\n" % location
        async with _device(certificate[0], [OK, moved]) as (url, _):
            with pytest.raises(StreamRefused, match=words):
                await _open(url)


async def test_what_a_poll_brings_is_decrypted_whole(certificate: tuple[Path, str]) -> None:
    """Records smaller and larger than a read, and a burst as large as a poll takes."""
    packet = b"$\x00" + (60_000).to_bytes(2, "big") + bytes(60_000)
    async with _device(certificate[0], [OK, DESCRIBED, PLAYING, OK + packet * 30]) as (url, asked):
        session = await _open(url)
        seen = 0
        try:
            async with asyncio.timeout(10):
                while seen < 30:
                    seen += session._connection.receive().count
                    await asyncio.sleep(0.05)
        finally:
            await session.close()
        assert [request.split()[0] for request in asked] == [b"OPTIONS", b"DESCRIBE", b"SETUP", b"PLAY"]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_tls_older_than_1_2_and_no_tls_at_all_are_refused(certificate: tuple[Path, str]) -> None:
    async with _device(certificate[0], [OK], newest=ssl.TLSVersion.TLSv1_1) as (url, asked):
        with pytest.raises(StreamError, match="TLS"):
            await _open(url)
        assert asked == []

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"RTSP/1.0 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        with pytest.raises(StreamRefused, match="does not agree on TLS") as refused:
            await _open(f"rtsps://127.0.0.1:{server.sockets[0].getsockname()[1]}/x")
    assert "Correct the port" in (refused.value.mend or "")


async def test_a_device_that_never_shakes_hands_is_let_go(certificate: tuple[Path, str]) -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def gone(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    for device, words in ((mute, "broke off: no answer"), (gone, "broke off: connection reset")):
        async with await asyncio.start_server(device, "127.0.0.1", 0) as server:
            with pytest.raises(StreamError, match=words):
                await _open(f"rtsps://127.0.0.1:{server.sockets[0].getsockname()[1]}/x")


async def test_a_short_key_of_an_old_camera_is_taken(tmp_path: Path) -> None:
    """The certificate proves nothing without a pin; the encryption's keys are agreed on apart from it."""
    fingerprint = _certificate(tmp_path / "old.pem", 1024)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(tmp_path / "old.pem")
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    device = context.wrap_bio(incoming, outgoing, server_side=True)
    client = TlsLayer("127.0.0.1")
    done = client.shake_hands()
    while not done:
        incoming.write(client.outgoing())
        try:
            device.do_handshake()
        except ssl.SSLWantReadError:
            pass
        done = client.shake_hands(outgoing.read())
    assert client.fingerprint == fingerprint


async def test_renegotiation_is_off(certificate: tuple[Path, str]) -> None:
    assert TlsLayer("127.0.0.1")._object.context.options & ssl.OP_NO_RENEGOTIATION
