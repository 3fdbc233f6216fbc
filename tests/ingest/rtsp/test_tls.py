from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import StreamRefused
from ingest.rtsp.tls import TlsLayer, check_pin


class Device:
    """The other end of a layer, in memory."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def shake_hands(self, layer: TlsLayer) -> None:
        done = layer.shake_hands()
        while not done:
            self._incoming.write(layer.outgoing())
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                pass
            done = layer.shake_hands(self._outgoing.read())
        self._incoming.write(layer.outgoing())
        self._tls.do_handshake()

    def say(self, data: bytes) -> bytes:
        self._tls.write(data)
        return self._outgoing.read()

    def hear(self, data: bytes) -> bytes:
        self._incoming.write(data)
        return self._tls.read(1 << 20)

    def leave(self) -> bytes:
        try:
            self._tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        return self._outgoing.read()


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    file: Path = tmp_path_factory.mktemp("tls") / "camera.pem"
    key, name, now = ec.generate_private_key(ec.SECP256R1()), x509.Name([]), dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    signed = builder.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1)).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@given(data=st.binary(min_size=1, max_size=40_000), cuts=st.lists(st.integers(1, 20_000), max_size=5))
def test_what_is_said_is_heard_however_it_is_cut(context: ssl.SSLContext, data: bytes, cuts: list[int]) -> None:
    layer, device = TlsLayer("192.0.2.1"), Device(context)
    device.shake_hands(layer)
    said, heard = device.say(data), b""
    for cut in (*cuts, len(said)):
        heard += layer.decrypt(said[:cut])
        said = said[cut:]
    assert heard == data
    assert device.hear(layer.encrypt(data[:100])) == data[:100]


def test_a_device_that_takes_leave_says_nothing_more(context: ssl.SSLContext) -> None:
    layer, device = TlsLayer("192.0.2.1"), Device(context)
    device.shake_hands(layer)
    assert layer.decrypt(device.say(b"last") + device.leave()) == b"last"
    assert layer.decrypt(b"") == b""


@given(data=st.binary(max_size=200), shaken=st.booleans())
def test_any_bytes_are_waited_on_or_refused(context: ssl.SSLContext, data: bytes, shaken: bool) -> None:
    layer = TlsLayer("192.0.2.1")
    try:
        if shaken:
            Device(context).shake_hands(layer)
            assert layer.decrypt(data) == b""
        else:
            assert not layer.shake_hands(data)
    except ssl.SSLError:
        pass  # told as a fault of the stream, like every error of a socket


def test_a_pin_is_one_certificate() -> None:
    check_pin("ab" * 32, "ab" * 32, "192.0.2.1:322")
    check_pin("ab" * 32, None, "192.0.2.1:322")
    with pytest.raises(StreamRefused, match="abab"):
        check_pin("ab" * 32, "cd" * 32, "192.0.2.1:322")
