"""A media server on a port of its own, beside a recorder of which only the tap is there."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from foundation.clock import ManualClock
from foundation.keyring import Keyring
from foundation.settings import Settings
from ingest import tap
from ingest.access_unit import AccessUnit, CodecParameters
from ingest.live import tickets
from ingest.live.app import create_app
from ingest.live.leaves import Holder, clip_leave, live_leave
from ingest.live.process import make_server
from ingest.live.reads import FINISHED, FOLDER

CAMERA, OTHER = "0199a000-0000-7000-8000-000000000001", "0199a000-0000-7000-8000-000000000002"
CONSOLE = "http://127.0.0.1:8760"
ZHANG = Holder("zhang", "0199a000-0000-7000-8000-00000000000a", "0199a000-0000-7000-8000-0000000000aa")
LI = Holder("li", "0199a000-0000-7000-8000-00000000000b", "0199a000-0000-7000-8000-0000000000bb")


class FakeRecorder:
    """Speaks the tap's protocol; sends what the test tells it to, and remembers who subscribed."""

    def __init__(self) -> None:
        self.requests: list[list[tuple[str, str]]] = []
        self.writers: set[asyncio.StreamWriter] = set()
        self.opening = b""
        self._server: asyncio.Server | None = None

    async def start(self, path: Path) -> None:
        self._server = await asyncio.start_unix_server(self._serve, str(path))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests.append(tap.decode_request(await reader.readline()))
        self.writers.add(writer)
        writer.write(self.opening)
        await reader.read()
        self.writers.discard(writer)
        writer.close()

    def send(self, units: Sequence[AccessUnit], *, gap: bool = False) -> None:
        for writer in self.writers:
            for number, unit in enumerate(units):
                writer.write(tap.encode_unit(0, unit, gap=gap and number == 0))

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in self.writers:
                writer.close()
            self.writers = set()
            await self._server.wait_closed()


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110, what is waited for has no event
            await asyncio.sleep(0.01)


async def receive(viewer: ClientConnection) -> str | bytes:
    async with asyncio.timeout(10):
        return await viewer.recv()


class Center:
    def __init__(self, settings: Settings, clock: ManualClock, recorder: FakeRecorder, port: int) -> None:
        self.settings, self.clock, self.recorder, self.port = settings, clock, recorder, port
        self.keyring = Keyring.open(settings.key_dir)
        self.url = f"http://127.0.0.1:{port}"

    def ticket(self, *cameras: str, holder: Holder = ZHANG, **options: Any) -> str:
        """For live pictures."""
        return tickets.issue(self.keyring, live_leave(self.clock, holder, cameras or (CAMERA,), **options))

    def clip_ticket(
        self,
        start_us: int,
        end_us: int,
        *,
        camera: str = CAMERA,
        stream: str = "main",
        holder: Holder = ZHANG,
        **options: Any,
    ) -> str:
        leave = clip_leave(self.clock, holder, camera, stream, start_us, end_us, **options)
        return tickets.issue(self.keyring, leave)

    @asynccontextmanager
    async def client(self, *handed_in: str) -> AsyncIterator[httpx.AsyncClient]:
        """A browser that has exchanged these tickets."""
        async with httpx.AsyncClient(base_url=self.url, headers={"Origin": CONSOLE}) as client:
            for ticket in handed_in:
                await self.exchange(client, ticket)
            yield client

    async def exchange(self, client: httpx.AsyncClient, ticket: str) -> None:
        answer = await client.post("/media/session", json={"ticket": ticket})
        assert answer.status_code == 204, answer.text

    async def cookie(self, *cameras: str, **options: Any) -> str:
        async with self.client() as client:
            answer = await client.post("/media/session", json={"ticket": self.ticket(*cameras, **options)})
            return answer.headers["set-cookie"].partition(";")[0]

    def live(
        self, cookie: str, camera: str = CAMERA, stream: str = "main", origin: str | None = CONSOLE, **more: Any
    ) -> connect:
        url = f"ws://127.0.0.1:{self.port}/media/live/{camera}/{stream}"
        # A client that stops reading at its queue's bound would not see the answer to its own closing either.
        options: dict[str, Any] = {"compression": None, "proxy": None, "max_queue": None} | more
        return connect(url, additional_headers={"Cookie": cookie}, origin=origin, **options)  # type: ignore[arg-type]

    def noted(self) -> list[dict[str, Any]]:
        """The lines that wait for the audit trail, those of the file being written too."""
        folder = self.settings.run_dir / FOLDER
        files = sorted(path for path in folder.glob("*") if path.suffix in (FINISHED, ".part"))
        return [json.loads(line) for path in files for line in path.read_text().splitlines()]


@asynccontextmanager
async def running_center(data_dir: Path, parameters: CodecParameters) -> AsyncIterator[Center]:
    settings = Settings(data_dir=data_dir)
    settings.run_dir.mkdir(exist_ok=True)
    assigned = [{"camera_id": CAMERA, "stream": "main", "recorder": 0}]
    (settings.run_dir / "assignments.json").write_text(json.dumps({"generation": 1, "streams": assigned}))
    recorder, clock = FakeRecorder(), ManualClock()
    recorder.opening = tap.encode_parameters(0, parameters)
    await recorder.start(settings.run_dir / "recorder-0.tap")
    server = make_server(create_app(settings, Keyring.open(settings.key_dir), clock))
    listener = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve([listener]))
    await until(lambda: server.started)
    try:
        yield Center(settings, clock, recorder, listener.getsockname()[1])
    finally:
        server.should_exit = True
        await serving
        listener.close()
        await recorder.stop()
