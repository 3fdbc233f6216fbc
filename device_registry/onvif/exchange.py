"""One HTTP request and its answer, within a time and a size that a device cannot stretch.

A read's own time limit begins anew with every byte, so that a device which sends one every few seconds would hold a
thread for ever. Here each read is given what is left of the whole exchange.
"""

from __future__ import annotations

import hashlib
import io
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException
from typing import BinaryIO

from device_registry.onvif.endpoint import Endpoint
from device_registry.onvif.faults import (
    AnswerRefused,
    CertificateChanged,
    DeviceOldTls,
    DeviceSilent,
    DeviceUnreachable,
)

OPEN_S = 5.0
ANSWER_S = 5.0
MAX_ANSWER_BYTES = 4 << 20  # an NVR of 256 channels tells its profiles in about one
_READ_BYTES = 64 << 10
# By what OpenSSL says of a server that refuses TLS 1.2, and of one that answers with something older.
_OLD_TLS = frozenset({"TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "WRONG_SSL_VERSION"})


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content_type: str
    challenges: tuple[str, ...]  # WWW-Authenticate
    location: str | None
    date: str | None
    body: bytes
    tls_sha256: str | None  # of the device's certificate


Exchange = Callable[[Endpoint, bytes, Mapping[str, str]], Answer]


def post(endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send `body` and read the answer, whatever its status; a redirect is told, never followed.

    Raises `DeviceUnreachable` (no connection in 5 s), `DeviceOldTls`, `CertificateChanged` (another one than
    `endpoint.tls_sha256`; nothing was said), `DeviceSilent` (no whole answer in 5 s more) or `AnswerRefused` (no HTTP,
    or more than 4 MiB).
    """
    try:
        with _dialled(endpoint) as connected:
            check_pin(_certificate_sha256(connected), endpoint)
            wire = _Wire(connected, time.monotonic() + ANSWER_S)
            return _exchanged(wire, endpoint, body, headers)
    except _TooLarge:
        raise AnswerRefused(
            f"the answer is larger than {MAX_ANSWER_BYTES >> 20} MiB.", where=str(endpoint), mend="Is this a camera?"
        ) from None
    except TimeoutError:
        raise DeviceSilent(
            f"connected, but the answer was not whole after {ANSWER_S:g} s.",
            where=str(endpoint),
            mend="Restart the camera; check the port.",
        ) from None
    except HTTPException as error:
        raise AnswerRefused(
            f"what answers there does not speak HTTP ({type(error).__name__}).",
            where=str(endpoint),
            mend="Name the port of the camera's web page, not that of its streams.",
        ) from error
    except OSError as error:
        raise AnswerRefused(
            f"the connection broke: {reason_of(error)}.", where=str(endpoint), mend="Try again; check the port."
        ) from error


def _dialled(endpoint: Endpoint) -> socket.socket:
    end = time.monotonic() + OPEN_S
    try:
        plain = socket.create_connection((endpoint.address, endpoint.port), OPEN_S)
    except OSError as error:
        raise DeviceUnreachable(
            f"no connection: {reason_of(error)}.", where=str(endpoint), mend="Check power, cable, address and port."
        ) from error
    if endpoint.scheme == "http":
        return plain
    try:
        plain.settimeout(max(end - time.monotonic(), 0.1))
        return tls_context().wrap_socket(plain)
    except OSError as error:
        plain.close()
        if getattr(error, "reason", None) in _OLD_TLS:
            raise DeviceOldTls(
                "it encrypts with nothing newer than TLS 1.1, which can be broken.",
                where=str(endpoint),
                mend="Update its firmware, or switch TLS 1.2 on; until then it is not asked over https.",
            ) from error
        raise DeviceUnreachable(
            f"no encrypted connection: {reason_of(error)}.", where=str(endpoint), mend="TLS 1.2 or newer is needed."
        ) from error


def certificate_sha256(endpoint: Endpoint) -> str | None:
    """The fingerprint of the certificate that it shows over TLS, hex; nothing is said to it. None: `http`.

    Raises `DeviceUnreachable` and `DeviceOldTls`.
    """
    with _dialled(endpoint) as connected:
        return _certificate_sha256(connected)


def check_pin(shown: str | None, endpoint: Endpoint) -> None:
    """Raises `CertificateChanged` for another certificate than the pinned one; nothing may be said before."""
    if shown is not None and endpoint.tls_sha256 not in (None, shown):
        raise CertificateChanged(
            f"the device shows the certificate {shown}, which is not the pinned one.",
            where=str(endpoint),
            mend="Find out why; if it is right, `vedette cameras pins --accept CODE`.",
            extensions={"tls_sha256": shown},
        )


def _certificate_sha256(connected: socket.socket) -> str | None:
    if not isinstance(connected, ssl.SSLSocket):
        return None
    return hashlib.sha256(connected.getpeercert(binary_form=True) or b"").hexdigest()


def reason_of(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return f"nothing came back within {OPEN_S:g} s"
    reason = getattr(error, "reason", None) or error.strerror or type(error).__name__
    return str(reason).replace("_", " ").lower()


@cache
def tls_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False  # cameras sign their own certificates; their fingerprint is told instead
    context.verify_mode = ssl.CERT_NONE
    return context


class _TooLarge(Exception):
    pass


class _Wire:
    """A connected socket as `http.client` wants it, with one deadline and one count of bytes for all its reads."""

    def __init__(self, connected: socket.socket, deadline_s: float) -> None:
        self._socket = connected
        self._deadline_s = deadline_s
        self._left_bytes = MAX_ANSWER_BYTES
        self._request = b""

    def sendall(self, data: bytes) -> None:
        """Head and body come one by one; there are devices that answer to the first packet alone."""
        self._request += data

    def read_into(self, buffer: memoryview) -> int:
        self._limit_time()
        count = self._socket.recv_into(buffer)
        self._left_bytes -= count
        if self._left_bytes < 0:
            raise _TooLarge
        return count

    def makefile(self, _mode: str) -> BinaryIO:
        self._limit_time()
        self._socket.sendall(self._request)
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """The socket is closed by who opened it; `http.client` closes before it has read the answer."""

    def certificate_sha256(self) -> str | None:
        return _certificate_sha256(self._socket)

    def _limit_time(self) -> None:
        left_s = self._deadline_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._socket.settimeout(left_s)


class _Reader(io.RawIOBase):
    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return self._wire.read_into(buffer)


def _exchanged(wire: _Wire, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Answer:
    connection = HTTPConnection(endpoint.host, endpoint.port)
    connection.sock = wire
    connection.putrequest("POST", endpoint.path, skip_host=True, skip_accept_encoding=True)
    fixed = {"Host": endpoint.authority, "Connection": "close", "Content-Length": str(len(body))}
    for name, value in (fixed | dict(headers)).items():
        connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    try:
        parts = []
        while part := response.read(_READ_BYTES):
            parts.append(part)
        return Answer(
            status=response.status,
            content_type=response.getheader("Content-Type", ""),
            challenges=tuple(response.headers.get_all("WWW-Authenticate") or ()),
            location=response.getheader("Location"),
            date=response.getheader("Date"),
            body=b"".join(parts),
            tls_sha256=wire.certificate_sha256(),
        )
    finally:
        response.close()
