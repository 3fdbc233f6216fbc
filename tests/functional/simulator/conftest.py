from __future__ import annotations

import hashlib
import re
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

WAIT_S = 15


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    challenges: list[str]
    body: str


@dataclass
class Packet:
    """An interleaved RTP packet, as RFC 3550 lays it out."""

    channel: int
    data: bytes
    sequence: int = field(init=False)
    timestamp: int = field(init=False)
    marker: bool = field(init=False)

    def __post_init__(self) -> None:
        self.marker = bool(self.data[1] & 0x80)
        self.sequence, self.timestamp = struct.unpack(">HI", self.data[2:8])

    @property
    def is_rtp(self) -> bool:
        return self.channel % 2 == 0


class RawClient:
    """A client that says exactly what a test tells it to."""

    def __init__(self, url: str, receive_buffer: int | None = None) -> None:
        self.url = url
        host, port = re.match(r"rtsp://([^:/]+):(\d+)", url).groups()
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(WAIT_S)
        self.socket.connect((host, int(port)))
        self._buffer = b""
        self._cseq = 0
        self.waiting: list[Packet] = []

    def close(self) -> None:
        self.socket.close()

    def ask(self, method: str, url: str | None = None, version: str = "RTSP/1.0", **headers: str) -> Answer:
        self._cseq += 1
        lines = [f"{method} {self.url if url is None else url} {version}", f"CSeq: {self._cseq}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        return self._answer()

    def setup(self, transport: str = "RTP/AVP/TCP;unicast;interleaved=0-1", **headers: str) -> Answer:
        return self.ask("SETUP", f"{self.url}/trackID=0", Transport=transport, **headers)

    def play(self, transport: str = "RTP/AVP/TCP;unicast;interleaved=0-1") -> Answer:
        self.session = self.setup(transport).headers["session"].partition(";")[0]
        return self.ask("PLAY", Session=self.session)

    def packet(self) -> Packet:
        if self.waiting:
            return self.waiting.pop(0)
        return self._interleaved()

    def rtp(self) -> Iterator[Packet]:
        while True:
            packet = self.packet()
            if packet.is_rtp:
                yield packet

    def access_unit(self) -> list[Packet]:
        """The packets of a timestamp up to the marker."""
        packets = []
        for packet in self.rtp():
            packets.append(packet)
            if packet.marker:
                break
        return packets

    def nothing_comes_for(self, seconds: float) -> bool:
        self.socket.settimeout(seconds)
        try:
            return not self.waiting and not self._buffer and self.socket.recv(1, socket.MSG_PEEK) != b"$"
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(WAIT_S)

    def is_ended(self) -> bool:
        """Wait for the server to end the connection."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            pass
        return True

    def _more(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the camera ended the connection")
        self._buffer += data

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._more()
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _interleaved(self) -> Packet:
        dollar, channel, size = struct.unpack(">cBH", self._take(4))
        assert dollar == b"$"
        return Packet(channel, self._take(size))

    def _answer(self) -> Answer:
        while not self._buffer or self._buffer[:1] == b"$":
            if self._buffer:
                self.waiting.append(self._interleaved())
            else:
                self._more()
        while b"\r\n\r\n" not in self._buffer:
            self._more()
        head = self._take(self._buffer.index(b"\r\n\r\n") + 4).decode().split("\r\n")
        pairs = [line.partition(": ")[::2] for line in head[1:] if line]
        headers = {name.lower(): value for name, value in pairs}
        assert headers.get("cseq", str(self._cseq)) == str(self._cseq)
        challenges = [value for name, value in pairs if name == "WWW-Authenticate"]
        body = self._take(int(headers.get("content-length", 0))).decode()
        return Answer(int(head[0].split(" ")[1]), headers, challenges, body)


@pytest.fixture
def connect() -> Iterator[Callable[..., RawClient]]:
    clients: list[RawClient] = []

    def open_client(url: str, receive_buffer: int | None = None) -> RawClient:
        clients.append(RawClient(url, receive_buffer))
        return clients[-1]

    yield open_client
    for client in clients:
        client.close()


@pytest.fixture
def cars(shared_data: Path) -> Path:
    """30 units of H.264 with B-frames at 25 a second, one keyframe."""
    return shared_data / "video" / "libvpl_cars_320x240.h264"


@pytest.fixture
def digest_answer() -> Callable[..., str]:
    def answer(challenge: str, method: str, uri: str, user: str, password: str) -> str:
        hashed = hashlib.sha256 if "SHA-256" in challenge else hashlib.md5
        realm, nonce = (re.search(rf'{name}="([^"]*)"', challenge)[1] for name in ("realm", "nonce"))

        def digest(text: str) -> str:
            return hashed(text.encode()).hexdigest()

        qop = ":00000001:c:auth" if "qop" in challenge else ""
        response = digest(f"{digest(f'{user}:{realm}:{password}')}:{nonce}{qop}:{digest(f'{method}:{uri}')}")
        algorithm = "SHA-256" if "SHA-256" in challenge else "MD5"
        extra = ', nc=00000001, cnonce="c", qop=auth' if qop else ""
        return (
            f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", algorithm={algorithm}, '
            f'response="{response}"{extra}'
        )

    return answer
