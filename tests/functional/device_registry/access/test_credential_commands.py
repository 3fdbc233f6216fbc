"""`vedette cameras passwords`, `users` and `pins`, as typed; what they make stands nowhere but sealed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from simulator.onvif_device.server import OnvifDevice
from simulator.virtual_camera.digest import Credentials

pytestmark = pytest.mark.functional

VEDETTE = [sys.executable, "-c", "from control_center.cli import main; main()"]
HEADER = "code,name,main_url,onvif_url,username,password\n"


class Desk:
    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self.said = ""

    def device(self, *faults: str) -> OnvifDevice:
        return self._stack.enter_context(OnvifDevice(credentials=Credentials("admin", "hunter2"), faults=faults))

    def register(self, *devices: OnvifDevice) -> None:
        rows = [
            f"C{number}-{channel},Gate,rtsp://127.0.0.1/{channel},{device.authority},admin,hunter2\n"
            for number, device in enumerate(devices)
            for channel in (1, 2)
        ]
        (self.folder / "cameras.csv").write_text(HEADER + "".join(rows))
        assert self("cameras", "import", "cameras.csv").returncode == 0

    def __call__(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        found = subprocess.run(
            [*VEDETTE, *arguments],
            cwd=self.folder,
            env={
                **os.environ,
                "COLUMNS": "300",
                "VEDETTE_DATA_DIR": str(self.folder / "data"),
                "VEDETTE_DEVICES__ALLOW": '["127.0.0.0/8"]',
            },
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        self.said += found.stdout + found.stderr
        return found

    def written(self) -> bytes:
        """All that lies in the data folder but the keys: database, journals, logs."""
        files = (file for file in (self.folder / "data").rglob("*") if file.is_file() and file.suffix != ".key")
        return b"".join(file.read_bytes() for file in files)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with ExitStack() as stack:
        yield Desk(tmp_path, stack)


def password_at(device: OnvifDevice, user: str = "admin") -> str:
    login = device.users.login(user)
    assert login is not None
    return login.password


def test_a_rotation_is_tried_done_and_shown(desk: Desk) -> None:
    good, bad = desk.device(), desk.device("refuses-user")
    desk.register(good, bad)
    refused = desk("cameras", "passwords", "rotate", "C0-1")
    assert (refused.returncode, "--in-clear" in refused.stdout) == (1, True)
    dry = desk("cameras", "passwords", "rotate", "--center", "110000000000", "--in-clear", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "2 devices; nothing was asked or changed." in dry.stdout
    assert good.asked == []

    (desk.folder / "codes.txt").write_text("# the gate\nC0-1\nC1-2\n")
    done = desk("cameras", "passwords", "rotate", "--codes", "codes.txt", "--in-clear")
    assert done.returncode == 1
    assert "2 devices: 1 done, 1 unchanged." in done.stdout, done.stderr
    assert password_at(good) != "hunter2"
    told = json.loads(desk("cameras", "passwords", "status", "--json").stdout)
    assert [(one["state"], one["cameras"]) for one in told] == [
        ("done", ["C0-1", "C0-2"]),
        ("unchanged", ["C1-1", "C1-2"]),
    ]
    assert desk("cameras", "passwords", "resume").returncode == 1
    assert desk("audit", "search", "--action", "cli:credential:rotate").returncode == 0
    for secret in (password_at(good), "hunter2"):
        assert secret not in desk.said
        assert secret.encode() not in desk.written()


def test_a_password_may_be_given(desk: Desk) -> None:
    device = desk.device()
    desk.register(device)
    weak = desk("cameras", "passwords", "rotate", "C0-1", "--in-clear", "--ask", typed="password\n")
    assert (weak.returncode, "easily guessed" in weak.stderr) == (2, True)
    found = desk("cameras", "passwords", "rotate", "C0-1", "--in-clear", "--ask", typed="My-Own.Pass7\n")
    assert found.returncode == 0, found.stderr
    assert password_at(device) == "My-Own.Pass7"
    assert "My-Own.Pass7" not in desk.said
    assert b"My-Own.Pass7" not in desk.written()


def test_nothing_named_is_nothing_rotated(desk: Desk) -> None:
    device = desk.device()
    desk.register(device)
    found = desk("cameras", "passwords", "rotate")
    assert (found.returncode, "no camera is named" in found.stderr) == (2, True)
    assert device.asked == []


def test_users_are_listed_added_used_and_removed(desk: Desk) -> None:
    device = desk.device()
    desk.register(device)
    assert "Administrator" in desk("cameras", "users", "C0-1").stdout
    by_host = desk("cameras", "users", device.authority, "--username", "admin", typed="hunter2\n")
    assert ("Administrator" in by_host.stdout, by_host.returncode) == (True, 0), by_host.stderr
    refused = desk("cameras", "users", "C0-1", "--add", "recorder", "--use")
    assert (refused.returncode, "--in-clear" in refused.stderr) == (2, True)
    guest = ("cameras", "users", "C0-1", "--add", "guest", "--level", "user", "--in-clear")
    assert desk(*guest, typed="Guest-Pass7\n").returncode == 0
    assert (password_at(device, "guest"), device.users.level("guest")) == ("Guest-Pass7", "User")
    used = desk("cameras", "users", "C0-1", "--add", "recorder", "--level", "administrator", "--use", "--in-clear")
    assert used.returncode == 0, used.stderr
    own = desk("cameras", "users", "C0-2", "--remove", "recorder")
    assert (own.returncode, "sign in as this user" in own.stderr) == (2, True)
    assert desk("cameras", "users", "C0-2", "--remove", "admin").returncode == 0
    assert device.users.login("admin") is None
    for secret in (password_at(device, "recorder"), "Guest-Pass7", "hunter2"):
        assert secret not in desk.said
        assert secret.encode() not in desk.written()


def test_passwords_of_makers_are_tried_when_asked(desk: Desk) -> None:
    careless, careful = desk.device(), desk.device("locks-after:1")
    (desk.folder / "defaults.txt").write_text("admin:hunter2\n")
    found = desk("cameras", "passwords", "defaults", careless.authority, "--list", "defaults.txt")
    assert (found.returncode, f"{careless.authority}: default_password: it takes" in found.stdout) == (1, True)
    (desk.folder / "defaults.txt").write_text("admin:wrong-one\nroot:wrong-one\n")
    found = desk("cameras", "passwords", "defaults", careful.authority, "--list", "defaults.txt")
    assert (found.returncode, careful.guard.wrong) == (0, 1), found.stderr
    assert "locked" in found.stdout
    trail = desk("audit", "search", "--action", "cli:credential:try_defaults").stdout
    assert trail.count("try_defaults") >= 4
    for secret in ("hunter2", "wrong-one"):
        assert secret not in desk.said
        assert secret.encode() not in desk.written()


def test_a_certificate_is_pinned_shown_as_changed_and_accepted(desk: Desk) -> None:
    first, second = certificate(desk.folder / "1.pem"), certificate(desk.folder / "2.pem")
    server = TlsServer(desk.folder / "1.pem")
    row = f"C1,Gate,rtsp://127.0.0.1/1,https://127.0.0.1:{server.port},,\n"
    (desk.folder / "cameras.csv").write_text(HEADER + row)
    assert desk("cameras", "import", "cameras.csv").returncode == 0
    new = desk("cameras", "pins")
    assert (new.returncode, "1 encrypted services: 1 new." in new.stdout, first in new.stdout) == (0, True, True)
    assert "1 pinned." in desk("cameras", "pins", "--accept-new").stdout
    assert "1 encrypted services: 1 pinned." in desk("cameras", "pins").stdout
    server.show(desk.folder / "2.pem")
    changed = desk("cameras", "pins")
    assert (changed.returncode, "1 changed" in changed.stdout, second in changed.stdout) == (1, True, True)
    assert desk("cameras", "pins", "--accept-new").returncode == 1  # what is pinned is not changed by the way
    assert "1 pinned." in desk("cameras", "pins", "--accept", "C1").stdout
    assert desk("cameras", "pins").returncode == 0
    server.close()
    assert "1 no_answer" in desk("cameras", "pins").stdout


class TlsServer:
    """Shows a certificate to whoever connects, and hangs up."""

    def __init__(self, file: Path) -> None:
        self.show(file)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def show(self, file: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(file)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            with plain:
                try:
                    self._context.wrap_socket(plain, server_side=True).close()
                except OSError:
                    pass


def certificate(file: Path) -> str:
    """Write key and certificate; its SHA-256."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "IPCamera")])
    day = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(day).not_valid_after(day + dt.timedelta(1))
    signed = made.sign(key, hashes.SHA256())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + signed.public_bytes(pem))
    return hashlib.sha256(signed.public_bytes(serialization.Encoding.DER)).hexdigest()
