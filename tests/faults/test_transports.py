"""Cameras over UDP and over TLS, on a server that is not ours: it dies and comes back, and so does what receives it."""

from __future__ import annotations

import datetime as dt
import importlib.util
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from foundation.keyring import Keyring

pytestmark = [pytest.mark.functional, pytest.mark.long]

RATE = 12


@pytest.fixture(scope="module")
def serving(shared_data: Path, h265: Path) -> Any:
    """Starts GStreamer's server on a port, with options of `gstreamer_server.py`: a context manager."""
    file = Path(__file__).parents[1] / "functional" / "ingest" / "gstreamer_client.py"
    spec = importlib.util.spec_from_file_location("faults_gstreamer_client", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return lambda *options, port=0: module.gstreamer(shared_data / "video", *options, "--port", str(port), h265=h265)


@pytest.fixture(scope="module")
def h265(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty seconds, with a keyframe each second."""
    file = tmp_path_factory.mktemp("clip") / "h265.mp4"
    generator = np.random.default_rng(1)
    with av.open(str(file), "w") as container:
        options = {"preset": "ultrafast", "crf": "36", "x265-params": f"keyint={RATE}:bframes=0:log-level=none"}
        stream = container.add_stream("libx265", RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for _ in range(40 * RATE):
            picture = generator.integers(0, 255, (96, 160, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode(None))
    return file


def _certificate(file: Path) -> str:
    """Writes a certificate that signed itself, with its key; returns its fingerprint."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    signed = builder.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1)).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
    return signed.fingerprint(hashes.SHA256()).hex()


@pytest.fixture
def sealed(recording) -> str:
    return Keyring.open(recording.folder / "keys").seal(b"right", purpose="credential")


def _assert_plays(recording, name: str) -> None:
    segments = recording.segments(name)
    assert segments
    for segment in segments:
        file = recording.disk / segment.path
        with av.open(str(file)) as container:
            assert sum(1 for _ in container.decode(video=0)) > 0
        if shutil.which("ffprobe"):
            done = subprocess.run(["ffprobe", "-v", "warning", str(file)], capture_output=True, check=True)
            assert done.stderr == b""


def _grow(recording, names: tuple[str, ...]) -> None:
    """Each has recorded for a while more."""
    before = {name: recording.report(name)["access_units"] for name in names}
    for name in names:
        recording.until(lambda name=name: recording.report(name)["access_units"] > before[name] + 3 * RATE, name)


def _receivers(recording) -> set[psutil.Process]:
    """A recorder has no other children."""
    children = psutil.Process(recording.process.pid).children()
    return {child for child in children if child.status() != psutil.STATUS_ZOMBIE}


@pytest.mark.parametrize("options", [("--udp",), ("--tls",)], ids=["udp", "tls"])
def test_a_server_that_dies_and_comes_back_is_one_gap_with_its_cause(
    recording, serving, sealed: str, tmp_path: Path, options: tuple[str, ...]
) -> None:
    names = ("h264", "h265")
    more: dict[str, Any] = {"password": sealed, "transport": "udp" if "--udp" in options else "tcp"}
    if "--tls" in options:
        more["tls_sha256"] = _certificate(tmp_path / "camera.pem")
        options = (*options, str(tmp_path / "camera.pem"))
    with serving(*options) as first:
        for name in names:
            recording.assign(name, first.url(name), **more)
        recording.start()
        for name in names:
            assert recording.await_state(name, "recording")["codec"] == name
            assert recording.report(name)["tls_sha256"] == more.get("tls_sha256")
        _grow(recording, names)
        first.process.kill()
        first.process.wait()
        for name in names:
            recording.await_state(name, "unreachable")
    with serving(*options, port=first.port):
        for name in names:
            recording.await_state(name, "recording")
        _grow(recording, names)
        recording.stop()
    for name in names:
        assert recording.gap_causes(name) == Counter(unreachable=1)
        _assert_plays(recording, name)
    recording.assert_index_is_true(recording.disk)
    assert not any(b"right" in file.read_bytes() for file in recording.run.iterdir() if file.is_file())


def test_a_receiver_that_is_killed_is_one_gap_and_the_others_record_on(recording, serving, sealed: str) -> None:
    names = ("h264", "h265")
    with ExitStack() as servers:
        server, other = servers.enter_context(serving("--udp")), servers.enter_context(serving())
        for name in names:
            recording.assign(name, server.url(name), password=sealed, transport="udp")
        recording.assign("tcp", other.url("h264"), password=sealed)
        recording.start()
        for name in (*names, "tcp"):
            recording.await_state(name, "recording")
        _grow(recording, (*names, "tcp"))
        victim, survivor = _receivers(recording)
        victim.kill()
        recording.until(lambda: len(_receivers(recording) - {victim, survivor}) == 1, "a new receiver")
        for name in names:
            recording.await_state(name, "recording")
        _grow(recording, (*names, "tcp"))
        recording.stop()
        assert not survivor.is_running()
    assert recording.gap_causes("tcp") == Counter()
    assert sum((recording.gap_causes(name) for name in names), Counter()) == Counter(unreachable=1)
    recording.assert_index_is_true(recording.disk)


def test_a_wrong_password_shows_over_udp_too(recording, serving, sealed: str) -> None:
    wrong = Keyring.open(recording.folder / "keys").seal(b"wrong", purpose="credential")
    with serving("--udp") as server:
        recording.assign("h264", server.url("h264"), password=wrong, transport="udp")
        recording.start()
        assert "password" in recording.await_state("h264", "auth_failed")["cause"]
        recording.assign("h264", server.url("h264"), password=sealed)
        assert "Set the camera's transport to UDP" in recording.await_state("h264", "refused")["cause"]
        recording.assign("h264", server.url("h264"), password=sealed, transport="udp")
        recording.await_state("h264", "recording")
        recording.stop()


def test_a_certificate_that_changes_stops_the_camera_that_pinned_it(
    recording, serving, sealed: str, tmp_path: Path
) -> None:
    one, other = (_certificate(tmp_path / name) for name in ("one.pem", "other.pem"))
    with serving("--tls", str(tmp_path / "one.pem")) as first:
        recording.assign("pinned", first.url("h264"), password=sealed, tls_sha256=one)
        recording.assign("open", first.url("h264"), password=sealed)
        recording.start()
        for name in ("pinned", "open"):
            recording.await_state(name, "recording")
            assert recording.report(name)["tls_sha256"] == one
    with serving("--tls", str(tmp_path / "other.pem"), port=first.port):
        assert other in recording.await_state("pinned", "refused")["cause"]
        recording.await_state("open", "recording")
        assert recording.report("open")["tls_sha256"] == other
        recording.stop()
