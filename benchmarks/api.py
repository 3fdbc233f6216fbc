"""What a guarded list costs: CPU seconds of the server per request, beside an empty route of the same server.

    python -m benchmarks.api --requests 2000

A city with two stations, 50 cameras and 50 alerts; an operator of the city asks over real HTTP, on four connections
that stay open. The server's process is a child, and only its CPU time counts, all threads and the kernel's share
included.
The peer is what FastAPI's own tutorials lead to: the same 50 rows through an ORM query with a session looked up by a
dependency, a response model, and no scope, in a process of its own in the same run.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import selectors
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from benchmarks import _api_peer
from benchmarks._api_center import PASSWORD, USERNAME, stock
from control_center.web_api.serving import SERVING

GOAL_RATIO = 3.0
CONNECTIONS = 4
ROUNDS = 12


@dataclass(frozen=True)
class Route:
    name: str
    path: str
    of_peer: bool = False


EMPTY = Route("GET /healthz (empty)", "/healthz")
ROUTES = (
    EMPTY,
    Route("GET /alerts?limit=50", "/api/v1/alerts?limit=50"),
    Route("GET /cameras (50)", "/api/v1/cameras"),
    Route("GET /centers", "/api/v1/centers"),
)
PEERS = (Route("peer: empty", "/empty", of_peer=True), Route("peer: 50 rows", "/alerts?limit=50", of_peer=True))


def serve(make_app: Callable[[Path], FastAPI], folder: Path, link: Connection) -> None:
    """Serve on a free port; answer each word on the link with the CPU seconds spent so far; end with the word `end`."""
    config = uvicorn.Config(make_app(folder), port=0, **SERVING)
    server = uvicorn.Server(config)

    def report() -> None:
        while not server.started:
            time.sleep(0.01)
        link.send(server.servers[0].sockets[0].getsockname()[1])
        while link.recv() != "end":
            link.send(time.process_time())
        server.should_exit = True

    threading.Thread(target=report, daemon=True).start()
    server.run()


def vedette(folder: Path) -> FastAPI:
    from control_center.web_api import create_app
    from foundation.clock import SYSTEM_CLOCK
    from foundation.database import open_stores
    from foundation.keyring import Keyring
    from foundation.metrics import prepare
    from foundation.settings import Settings

    settings = Settings(data_dir=folder)
    settings.center.level = "city"
    prepare(settings.run_dir)
    return create_app(settings, open_stores(settings), Keyring.open(settings.key_dir), SYSTEM_CLOCK)


class Server:
    def __init__(self, make_app: Callable[[Path], FastAPI], folder: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self._link, child = context.Pipe()
        self._process = context.Process(target=serve, args=(make_app, folder, child), daemon=True)
        self._process.start()
        self.port: int = self._link.recv()

    def cpu_s(self) -> float:
        self._link.send("spent?")
        spent: float = self._link.recv()
        return spent

    def end(self) -> None:
        self._link.send("end")
        self._process.join(10)


class Client:
    """One connection that stays open, with one request under way at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self._rest = b""

    def ask(self, path: str, headers: dict[str, str], method: str = "GET", body: bytes = b"") -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        while b"\r\n\r\n" not in self._rest:
            self._rest += self._more()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in reversed(lines))}
        length = int(headers.get("content-length", "0"))
        while len(self._rest) < length:
            self._rest += self._more()
        body, self._rest = self._rest[:length], self._rest[length:]
        return int(first.split()[1]), headers, body

    def _more(self) -> bytes:
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data


def sign_in(port: int) -> dict[str, str]:
    client = Client(port)
    body = json.dumps({"username": USERNAME, "password": PASSWORD}).encode()
    client.ask("/api/v1/session", {"X-Vedette": "1", "Content-Type": "application/json"}, "POST", body)
    status, headers, answer = client.answer()
    assert status == 200, answer
    return {"Cookie": headers["set-cookie"].partition(";")[0]}


def spend(server: Server, path: str, headers: dict[str, str], count: int) -> float:
    """CPU seconds of the server for `count` requests."""
    clients = [Client(server.port) for _ in range(CONNECTIONS)]
    before, left = server.cpu_s(), count
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.socket, selectors.EVENT_READ, client)
            client.ask(path, headers)
        open_requests = len(clients)
        while open_requests:
            for key, _ in selector.select():
                status, _headers, body = key.data.answer()
                assert status == 200, body
                left -= 1
                if left >= open_requests:
                    key.data.ask(path, headers)
                else:
                    open_requests -= 1
    spent = server.cpu_s() - before
    for client in clients:
        client.socket.close()
    return spent


def measure(folder: Path, requests: int) -> dict[str, float]:
    """CPU microseconds per request by route: the least of several rounds, which take turns."""
    ours, peer = Server(vedette, folder), Server(_api_peer.create_app, folder)
    headers = sign_in(ours.port)
    found: dict[str, float] = {}
    try:
        for _ in range(ROUNDS):
            for route in (*ROUTES, *PEERS):
                server = peer if route.of_peer else ours
                spend(server, route.path, headers, 40)
                spent = spend(server, route.path, headers, requests // ROUNDS)
                each = spent / (requests // ROUNDS) * 1e6
                found[route.name] = min(found.get(route.name, each), each)
    finally:
        ours.end()
        peer.end()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=3000, help="for each route")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stock(Path(folder))
        found = measure(Path(folder), options.requests)
    worst = 0.0
    for route in (*ROUTES, *PEERS):
        ratio = found[route.name] / found[EMPTY.name]
        goal = f" (goal {GOAL_RATIO:.0f})" if route not in (EMPTY, *PEERS) else ""
        print(f"{route.name:<24} {found[route.name]:7.0f} µs of CPU a request, {ratio:5.2f} × empty{goal}")
        worst = max(worst, ratio if goal else 0.0)
    sys.exit(0 if worst <= GOAL_RATIO else 1)


if __name__ == "__main__":
    main()
