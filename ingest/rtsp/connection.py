"""One connection to a device, TCP or TLS: requests with authentication, and packets read in bulk on a timer.

Reading by timer and not by readiness costs one wake-up per camera and 100 ms, instead of one per packet.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import socket
import ssl
from collections.abc import Iterator, Mapping

from foundation.errors import StreamError, StreamRefused, StreamSilent
from foundation.http_auth import Authenticator, Credentials, strongest
from ingest.rtsp.faults import StreamAuthFailed
from ingest.rtsp.message import INTERLEAVED_HEADER_BYTES, Message, MessageParser, Received, format_request
from ingest.rtsp.tls import TlsLayer, check_pin, tls_reason
from ingest.rtsp.url import Endpoint

_REPLY_POLL_S = 0.01
_TIMEOUT_S = 5.0
_READ_BYTES = 64 << 10
_READS_PER_POLL = 16
_BUFFER = memoryview(bytearray(_READ_BYTES * _READS_PER_POLL))
_MAX_EARLY_BYTES = 4 << 20  # packets that come before the reply to PLAY
_PACKET_OVERHEAD_BYTES = 128  # so that many tiny packets are bounded too
_MAX_ITEMS_PER_POLL = 10_000  # at 100 ms: forty times a camera of 25 Mbit/s
_USER_AGENT = "Vedette"
_TLS_MEND = "Correct the port, update the device, or enter its rtsp:// address."
UDP_ONLY = "Set the camera's transport to UDP, or allow RTSP over TCP at the device."


class Connection:
    def __init__(
        self, sock: socket.socket, tls: TlsLayer | None, peer: Endpoint, credentials: Credentials | None
    ) -> None:
        self.peer = f"{peer.host}:{peer.port}"
        self.tls_sha256 = tls.fingerprint if tls else None
        self._socket = sock
        self._tls = tls
        self._credentials = credentials
        self._authenticator: Authenticator | None = None
        self._parser = MessageParser()
        self._sequence = 0
        self._early: list[bytes] = []  # packets with their interleaved headers

    @classmethod
    async def open(cls, peer: Endpoint, credentials: Credentials | None, tls_sha256: str | None = None) -> Connection:
        """Nothing of RTSP is sent before the certificate has been compared with the pinned one, `tls_sha256`."""
        sock = await _connect(peer)
        try:
            tls = await _secure(sock, peer) if peer.tls else None
            connection = cls(sock, tls, peer, credentials)
            if connection.tls_sha256 is not None:
                check_pin(connection.tls_sha256, tls_sha256, connection.peer)
        except BaseException:
            sock.close()
            raise
        return connection

    def close(self) -> None:
        self._socket.close()

    def receive(self) -> Received:
        """What has come since the last call, without waiting; good until the next call for any connection."""
        if self._early:
            received = self._parser.feed_before(b"".join(self._early))
            self._early.clear()
            return received
        received = self._parser.parse(self._read_encrypted() if self._tls else self._read())
        if received.count > _MAX_ITEMS_PER_POLL:
            raise StreamError("the device floods the connection with tiny packets.", where=self.peer)
        return received

    def _read(self) -> memoryview:
        """Into memory that all connections share, which stays in the processor's cache."""
        pending = self._parser.pending
        kept = len(pending)
        _BUFFER[:kept] = pending
        try:
            count = self._socket.recv_into(_BUFFER[kept:])
        except BlockingIOError:
            return _BUFFER[:kept]
        except OSError as error:
            raise StreamError(f"the connection broke: {error.strerror}.", where=self.peer) from error
        if not count:
            raise StreamError("the device closed the connection.", where=self.peer)
        return _BUFFER[: kept + count]

    def _read_encrypted(self) -> memoryview:
        return memoryview(b"".join([self._parser.pending, *self._chunks()]))

    def _chunks(self) -> Iterator[bytes]:
        for _ in range(_READS_PER_POLL):
            try:
                chunk = self._socket.recv(_READ_BYTES)
                plain = self._decrypt(chunk)
            except BlockingIOError:
                return
            except OSError as error:
                raise StreamError(f"the connection broke: {tls_reason(error)}.", where=self.peer) from error
            if not chunk:
                raise StreamError("the device closed the connection.", where=self.peer)
            yield plain
            if len(chunk) < _READ_BYTES:
                return

    def _decrypt(self, chunk: bytes) -> bytes:
        assert self._tls is not None
        plain = self._tls.decrypt(chunk)
        if answer := self._tls.outgoing():
            self._write(answer)
        return plain

    def send(self, method: str, uri: str, headers: Mapping[str, str] | None = None) -> int:
        """Send a request without awaiting its reply; returns its CSeq."""
        self._sequence += 1
        fields = {"CSeq": str(self._sequence), "User-Agent": _USER_AGENT, **(headers or {})}
        if self._authenticator is not None:
            fields["Authorization"] = self._authenticator.authorization(method, uri)
        request = format_request(method, uri, fields)
        try:
            self._write(self._tls.encrypt(request) if self._tls else request)
        except OSError as error:
            raise self._broken(error) from error
        return self._sequence

    def _write(self, data: bytes) -> None:
        if self._socket.send(data) != len(data):
            raise StreamError("the device does not read what it is sent.", where=self.peer)

    def _broken(self, error: OSError) -> StreamError:
        return StreamError(f"the connection broke: {tls_reason(error)}.", where=self.peer)

    async def request(self, method: str, uri: str, headers: Mapping[str, str] | None = None) -> Message:
        """The reply, whatever its status but 401, which is answered with the credentials, twice if stale."""
        for attempt in range(3):
            reply = await self._reply(self.send(method, uri, headers), method)
            if reply.status != 401:
                return reply
            self.authenticate(reply, may_be_stale=attempt == 0)
        raise StreamAuthFailed("the device asks for ever new credentials.", where=self.peer)

    def authenticate(self, reply: Message, *, may_be_stale: bool) -> None:
        """Prepare to answer a 401, or raise when the credentials themselves were refused."""
        challenge = strongest(reply.all("www-authenticate"))
        if self._credentials is None:
            raise StreamAuthFailed(
                "the device asks for a user name and password.", where=self.peer, mend="Store the camera's credentials."
            )
        if challenge is None:
            raise StreamAuthFailed("the device asks for an unknown kind of authentication.", where=self.peer)
        if self._authenticator is not None and not (may_be_stale or challenge.stale):
            raise StreamAuthFailed(
                "the device refuses the user name or password.",
                where=self.peer,
                mend="Correct the camera's credentials.",
            )
        self._authenticator = Authenticator(self._credentials, challenge)

    async def _reply(self, sequence: int, method: str) -> Message:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                while True:
                    found = self._find_reply(self.receive(), sequence)
                    if found is not None:
                        return found
                    await asyncio.sleep(_REPLY_POLL_S)
        except TimeoutError as error:
            raise StreamSilent(f"no reply to {method} within {_TIMEOUT_S:g} s.", where=self.peer) from error

    def _find_reply(self, received: Received, sequence: int) -> Message | None:
        for spans in received.packets.values():
            self._early += [bytes(received.data[start - INTERLEAVED_HEADER_BYTES : stop]) for start, stop in spans]
        if sum(len(packet) + _PACKET_OVERHEAD_BYTES for packet in self._early) > _MAX_EARLY_BYTES:
            raise StreamError("the device sends media instead of a reply.", where=self.peer)
        replies = (one for one in received.messages if one.status and one.get("cseq") in (str(sequence), None))
        return next(replies, None)


async def _connect(peer: Endpoint) -> socket.socket:
    sock: socket.socket | None = None
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            family, address = await _resolve(peer)
            sock = socket.socket(family, socket.SOCK_STREAM)
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await asyncio.get_running_loop().sock_connect(sock, address)
            return sock
    except (OSError, TimeoutError) as error:
        if sock is not None:
            sock.close()
        raise StreamError(
            f"cannot connect: {_reason(error)}.",
            where=f"{peer.host}:{peer.port}",
            mend="Check the camera's address, power and network.",
        ) from error
    except BaseException:
        if sock is not None:
            sock.close()
        raise


async def _secure(sock: socket.socket, peer: Endpoint) -> TlsLayer:
    where = f"{peer.host}:{peer.port}"
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            return await _shake_hands(sock, peer.host)
    except ssl.SSLError as error:
        raise StreamRefused(
            f"the device does not agree on TLS 1.2 or newer: {tls_reason(error)}.",
            where=where,
            mend=_TLS_MEND,
        ) from error
    except (OSError, TimeoutError) as error:
        raise StreamError(f"the TLS handshake broke off: {_reason(error)}.", where=where, mend=_TLS_MEND) from error


async def _shake_hands(sock: socket.socket, host: str) -> TlsLayer:
    loop = asyncio.get_running_loop()
    tls = TlsLayer(host)
    received = b""
    while not tls.shake_hands(received):
        await loop.sock_sendall(sock, tls.outgoing())
        received = await loop.sock_recv(sock, _READ_BYTES)
        if not received:
            raise ConnectionResetError(errno.ECONNRESET, "")
    await loop.sock_sendall(sock, tls.outgoing())
    return tls


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer"
    # A resolver's numbers are its own, and asyncio's text for the others is not for people.
    known = isinstance(error, socket.gaierror) or not error.errno
    return ((error.strerror if known else os.strerror(error.errno or 0)) or "no such host").lower()


async def _resolve(peer: Endpoint) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """The address to connect to; a numeric one needs no resolver, and so no thread."""
    try:
        version = ipaddress.ip_address(peer.host).version
    except ValueError:
        found = await asyncio.get_running_loop().getaddrinfo(peer.host, peer.port, type=socket.SOCK_STREAM)
        family, _, _, _, address = found[0]
        return family, (str(address[0]), int(address[1]))
    return (socket.AF_INET if version == 4 else socket.AF_INET6), (peer.host, peer.port)


def refusal(reply: Message, method: str, peer: str) -> StreamRefused:
    """The error for a reply that is not 200."""
    what = f"the device answered {method} with {reply.status} {reply.reason}".rstrip() + "."
    if reply.status == 403:
        return StreamAuthFailed(what, where=peer, mend="Give the camera's account the right to view.")
    return StreamRefused(what, where=peer, mend=_MENDS.get(reply.status))


_MENDS = {
    404: "Correct the stream's path.",
    461: UDP_ONLY,  # unsupported transport
}
