"""Devices that encrypt: their certificates are their own, and what is told of them is the fingerprint."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from device_registry.login import Login
from device_registry.onvif import async_exchange
from device_registry.onvif.endpoint import Endpoint
from device_registry.onvif.exchange import certificate_sha256, post
from device_registry.onvif.faults import CertificateChanged, DeviceOldTls
from device_registry.onvif.probe import probe

pytestmark = pytest.mark.functional

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


def self_signed(folder: Path) -> tuple[Path, str]:
    """A PEM file with key and certificate, and the certificate's SHA-256."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "IPCamera")])
    day = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)  # cameras let theirs run out
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(day).not_valid_after(day + dt.timedelta(1))
    certificate = made.sign(key, hashes.SHA256())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file = folder / "camera.pem"
    file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + certificate.public_bytes(pem))
    return file, hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def serve(context: ssl.SSLContext) -> int:
    """The port of a server that answers one request over TLS."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        with listener:
            plain, _ = listener.accept()
            try:
                with context.wrap_socket(plain, server_side=True) as connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<a/>")
            except OSError:
                plain.close()

    threading.Thread(target=answer, daemon=True).start()
    return int(listener.getsockname()[1])


def test_the_fingerprint_of_the_certificate_is_told(tmp_path: Path) -> None:
    file, fingerprint = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    answer = post(Endpoint("https", "127.0.0.1", serve(context), "/", "127.0.0.1"), b"<q/>", {})
    assert (answer.body, answer.tls_sha256) == (b"<a/>", fingerprint)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_encryption_is_none(tmp_path: Path) -> None:
    file, _ = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")  # as a camera's library allows it
    context.load_cert_chain(file)
    with pytest.raises(DeviceOldTls, match="nothing newer than TLS") as caught:
        post(Endpoint("https", "127.0.0.1", serve(context), "/", "127.0.0.1"), b"<q/>", {})
    assert caught.value.kind == "old_tls"


def listening(file: Path, heard: list[bytes]) -> int:
    """The port of a TLS server that notes all that its clients say to it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    listener = socket.create_server(("127.0.0.1", 0))

    def hear() -> None:
        with listener:
            plain, _ = listener.accept()
            try:
                with context.wrap_socket(plain, server_side=True) as connection:
                    heard.append(connection.recv(65536))
            except OSError:
                plain.close()
            heard.append(b"end")

    threading.Thread(target=hear, daemon=True).start()
    return int(listener.getsockname()[1])


def test_nothing_is_said_to_a_device_that_shows_another_certificate(tmp_path: Path) -> None:
    file, fingerprint = self_signed(tmp_path)
    heard: list[bytes] = []
    port = listening(file, heard)
    with pytest.raises(CertificateChanged, match=fingerprint) as caught:
        probe(f"https://127.0.0.1:{port}", Login("admin", "hunter2"), allowed=LOOPBACK, tls_sha256="0" * 64)
    assert caught.value.extensions == {"tls_sha256": fingerprint}
    until(lambda: heard[-1:] == [b"end"])
    assert b"".join(heard) == b"end"


def test_the_pinned_certificate_is_spoken_to(tmp_path: Path) -> None:
    file, fingerprint = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    port = serve(context)
    answer = post(Endpoint("https", "127.0.0.1", port, "/", "127.0.0.1", fingerprint), b"<q/>", {})
    assert answer.body == b"<a/>"


def test_a_certificate_is_looked_at_without_a_word(tmp_path: Path) -> None:
    file, fingerprint = self_signed(tmp_path)
    heard: list[bytes] = []
    port = listening(file, heard)
    assert certificate_sha256(Endpoint("https", "127.0.0.1", port, "/", "127.0.0.1")) == fingerprint
    until(lambda: heard[-1:] == [b"end"])
    assert b"".join(heard) == b"end"


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60  # a guard against hanging
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


async def test_another_certificate_than_the_pinned_is_told_nothing_where_devices_are_followed(tmp_path: Path) -> None:
    file, fingerprint = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    pinned = Endpoint("https", "127.0.0.1", serve(context), "/", "127.0.0.1", fingerprint)
    assert (await async_exchange.post(pinned, b"<q/>", {}, 5)).body == b"<a/>"
    other = Endpoint("https", "127.0.0.1", serve(context), "/", "127.0.0.1", "0" * 64)
    with pytest.raises(CertificateChanged, match=fingerprint):
        await async_exchange.post(other, b"<q/>", {}, 5)
