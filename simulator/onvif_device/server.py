"""The device's HTTP server, on loopback unless told otherwise."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from lxml import etree

from foundation.clock import SYSTEM_CLOCK, US_PER_S, Clock
from foundation.errors import PortInUse
from simulator.onvif_device import answers, changes
from simulator.onvif_device.answers import Scene
from simulator.onvif_device.events import EventService
from simulator.onvif_device.faults import Faults, parse_faults
from simulator.onvif_device.guard import Guard
from simulator.onvif_device.state import State
from simulator.onvif_device.users import OPERATIONS, Hangs, Users
from simulator.virtual_camera.digest import Credentials

HOST = "127.0.0.1"
DEFAULT_PORT = 8080
_MAX_REQUEST_BYTES = 1 << 20
_SOAP = "{http://www.w3.org/2003/05/soap-envelope}"


class OnvifDevice:
    """`port=0` takes a free port; `number` is in serial number and MAC. Faults are texts as `--fault` takes them.

    `asked` lists the operations in turn.
    """

    def __init__(
        self,
        *,
        host: str = HOST,
        port: int = 0,
        credentials: Credentials | None = None,
        faults: Sequence[str] = (),
        main_url: str = "rtsp://127.0.0.1:8554/main",
        sub_url: str = "rtsp://127.0.0.1:8554/sub",
        number: int = 1,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.faults = parse_faults(faults)
        self.users = Users(credentials, self.faults)
        self.guard = Guard(
            self.users,
            digest_only=self.faults.digest_only,
            refuse=self.faults.refuse_password,
            locks_after=self.faults.locks_after,
        )
        self.state = State.new(media2=self.faults.media2_only)
        self.asked: list[str] = []
        self._one_at_a_time = threading.Lock()
        self.closing = threading.Event()
        self.events = EventService(self.faults, self.now_us, self.closing)
        self._urls = (main_url, sub_url)
        self._number = number
        self._clock = clock
        self._host = host
        self._port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def authority(self) -> str:
        return f"{self._host}:{self._port}"

    def start(self) -> None:
        try:
            self._server = _Server((self._host, self._port), self)
        except OSError as error:
            raise PortInUse("the port is taken.", where=self.authority, mend="Choose another with --port.") from error
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="onvif device")
        self._thread.start()

    def close(self) -> None:
        self.closing.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def scene(self) -> Scene:
        lying = self.faults.lying_address
        main_url, sub_url = (_on_host(url, lying) if lying else url for url in self._urls)
        return Scene(
            address=f"http://{lying or self.authority}",
            main_url=main_url,
            sub_url=sub_url,
            now_us=self.now_us(),
            media2_only=self.faults.media2_only,
            knows_services=not self.faults.old,
            tells_events=not self.faults.no_events,
            number=self._number,
            state=self.state,
        )

    def operate(self, namespace: str, name: str, operation: etree._Element) -> str | None:
        """None: it does not know the operation. Raises `changes.Refused`."""
        if name in self.faults.refuses:
            raise changes.Refused("ConfigModify", f"{name} is not possible now")
        if name == "GetStreamUri":
            token = operation.findtext(f"{{{namespace}}}ProfileToken") or ""
            return answers.stream_uri(namespace, token, self.scene())
        with self._one_at_a_time:
            found = changes.operate(namespace, name, operation, self)
        return found or answers.answer(namespace, name, self.scene())

    def now_us(self) -> int:
        return self._clock.now_us() + round(self.faults.skew_s * US_PER_S)


def _on_host(url: str, host: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{host}/{rest.partition('/')[2]}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], device: OnvifDevice) -> None:
        self.device = device
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        request = self.rfile.read(min(size, _MAX_REQUEST_BYTES))
        faults = self.server.device.faults
        try:
            if faults.silent:
                self.server.device.closing.wait()
            elif self.server.device.now_us() < self.server.device.state.silent_until_us:
                self.close_connection = True
            elif faults.redirect:
                self._send(307, b"", ("Location", faults.redirect))
            elif faults.web_page:
                self._send(200, b"<!DOCTYPE html><html><body>Sign in</body></html>", content_type="text/html")
            elif faults.empty:
                self._send(200, b"")
            else:
                self._answer(request, faults)
        except Hangs:
            self.server.device.closing.wait()
        except OSError:
            self.close_connection = True  # the client had enough, which is what most faults are to bring about

    def _answer(self, request: bytes, faults: Faults) -> None:
        status, body, headers = self._reply(request)
        text = answers.envelope(body, document_type=answers.bomb() if faults.xml_bomb else "", encoding=faults.encoding)
        self._send(status, text.encode(faults.encoding), *headers)

    def _reply(self, request: bytes) -> tuple[int, str, list[tuple[str, str]]]:
        device = self.server.device
        try:
            envelope = etree.fromstring(request, etree.XMLParser(resolve_entities=False, no_network=True))
            operation = envelope.find(f"{_SOAP}Body")[0]
        except (etree.XMLSyntaxError, TypeError, IndexError):
            return 400, answers.fault("Sender", "WellFormed", "no SOAP request"), []
        name = etree.QName(operation)
        device.asked.append(name.localname)
        free = name.localname == "GetSystemDateAndTime" and not device.faults.time_signed
        authorization = self.headers.get("Authorization")
        if not free and not device.guard.admits(envelope, authorization, self.path, device.now_us() / US_PER_S):
            status = 401 if device.faults.digest_only else 400
            challenges = [("WWW-Authenticate", text) for text in device.guard.challenges]
            reason = "The account is locked" if device.guard.is_locked else "Sender not authorized"
            return status, answers.fault("Sender", "NotAuthorized", reason), challenges
        if name.namespace == answers.DEVICE and name.localname in OPERATIONS:
            return *device.users.answer(name.localname, operation), []
        try:
            found = device.events.answer(envelope, operation, device.scene().address) or device.operate(
                name.namespace, name.localname, operation
            )
        except changes.Refused as refused:
            return 400, answers.fault("Sender", refused.subcode, str(refused)), []
        if found is None:
            return 500, answers.fault("Receiver", "ActionNotSupported", f"{name.localname} is not known here"), []
        return 200, found, []

    def _send(
        self, status: int, body: bytes, *headers: tuple[str, str], content_type: str = "application/soap+xml"
    ) -> None:
        faults = self.server.device.faults
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        for header, value in headers:
            self.send_header(header, value)
        if not faults.endless:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if faults.slow_s:
            self._drip(body, faults.slow_s)
        else:
            self.wfile.write(body)
        while faults.endless and not self.server.device.closing.is_set():
            self.wfile.write(b" " * 65536)

    def _drip(self, body: bytes, every_s: float) -> None:
        for place in range(len(body)):
            if self.server.device.closing.wait(every_s):
                return
            self.wfile.write(body[place : place + 1])
