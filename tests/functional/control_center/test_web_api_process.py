"""The process `api` as the supervisor starts it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from control_center.identity import accounts
from control_center.identity.authority import Authority
from control_center.identity.roles import Role
from device_registry import centers
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_stores, transaction
from foundation.migrations import migrate
from foundation.settings import Settings

pytestmark = pytest.mark.functional
RUN = "import control_center.web_api as api, foundation.settings as settings; api.run_api(settings.load_settings())"


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _start(data: Path, port: int) -> subprocess.Popen[str]:
    environment = os.environ | {"VEDETTE_DATA_DIR": str(data), "VEDETTE_API__PORT": str(port)}
    return subprocess.Popen(
        [sys.executable, "-c", RUN], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _one_time_password(settings: Settings) -> str:
    stores = open_stores(settings)
    migrate(stores)
    with transaction(stores.core) as session:
        origin = centers.ensure_local(session, settings, SYSTEM_CLOCK)
        authority = Authority.command_line("cli:test", origin)
        roles = [(Role.OPERATOR, origin.center_id)]
        account = accounts.create_account(session, authority, SYSTEM_CLOCK, username="li", roles=roles)
        password = accounts.issue_one_time_password(session, authority, SYSTEM_CLOCK, account)
    stores.dispose()
    return password


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_while_somebody_follows_events(tmp_path: Path, port: int, number: int) -> None:
    settings = Settings(data_dir=tmp_path)
    password = _one_time_password(settings)
    process = _start(tmp_path, port)
    transport = httpx.HTTPTransport(retries=8)  # with back-off, for as long as it takes to start
    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers={"X-Vedette": "1"}, transport=transport, timeout=30
    ) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").status_code == 200
        client.post("/api/v1/session", json={"username": "li", "password": password})
        client.post("/api/v1/session/password", json={"new_password": "four words of mine"})
        with client.stream("GET", "/api/v1/events") as response:
            assert response.status_code == 200
            lines = response.iter_lines()
            assert next(lines).startswith("retry:")
            process.send_signal(number)
            list(lines)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors, errors


def test_a_port_in_use_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        _, errors = _start(tmp_path, port).communicate(timeout=30)
    assert f"port {port} on 127.0.0.1 cannot be used" in errors.splitlines()[-1]


def test_the_process_carries_no_media_work() -> None:
    code = (
        "import sys, control_center.web_api;"
        "print(sorted({'av', 'cv2', 'numba', 'onnxruntime', 'aiortc', 'faiss'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
