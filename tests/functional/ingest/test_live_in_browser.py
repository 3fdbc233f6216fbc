"""Camera, recorder, media server and a real browser: the whole way of a picture, live and recorded."""

from __future__ import annotations

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from device_registry import assignments, cameras, centers
from device_registry.camera_fields import CameraFields
from foundation import migrations
from foundation.clock import SYSTEM_CLOCK, US_PER_S
from foundation.database import open_stores, transaction
from foundation.keyring import Keyring
from foundation.settings import ListenSettings, RecorderSettings, Settings
from ingest.live import tickets
from ingest.live.ended import note_ended
from ingest.live.leaves import Holder, clip_leave, live_leave
from simulator.virtual_camera import serving

pytestmark = [pytest.mark.functional, pytest.mark.console, pytest.mark.long]

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip

SESSION = """async ([url, ticket]) => {
    const headers = { "Content-Type": "application/json", "X-Vedette": "1" };
    const body = JSON.stringify({ ticket });
    return (await fetch(url, { method: "POST", credentials: "include", headers, body })).status;
}"""

LIVE = """async ([url]) => {
    const video = document.createElement("video");
    video.muted = true;
    document.body.append(video);
    const source = new MediaSource();
    video.src = URL.createObjectURL(source);
    await new Promise((resolve) => source.addEventListener("sourceopen", resolve));
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    const queue = [];
    let buffer = null;
    const step = () => { if (buffer && !buffer.updating && queue.length) buffer.appendBuffer(queue.shift()); };
    return await new Promise((resolve, reject) => {
        setTimeout(() => reject(new Error(`no picture: ${video.error?.message} ${video.buffered.length}`)), 20000);
        socket.onclose = (event) => reject(new Error(`closed ${event.code}`));
        socket.onmessage = ({ data }) => {
            if (typeof data === "string") {
                buffer = source.addSourceBuffer(JSON.parse(data).mime);
                buffer.addEventListener("updateend", () => {
                    if (video.paused && video.buffered.length) {
                        video.currentTime = video.buffered.start(0);
                        void video.play();
                    }
                    step();
                });
            } else queue.push(data);
            step();
        };
        video.ontimeupdate = () => {
            if (video.currentTime < video.buffered.start(0) + 2) return;
            socket.onclose = null;
            socket.close();
            resolve({ width: video.videoWidth, ranges: video.buffered.length });
        };
    });
}"""

WATCH = """async ([url]) => {
    const socket = new WebSocket(url);
    window.closed_with = new Promise((resolve) => { socket.onclose = ({ code }) => resolve(code); });
    await new Promise((resolve) => { socket.onmessage = resolve; });
}"""

CLIP = """async ([url]) => {
    const video = document.createElement("video");
    video.muted = true;
    video.crossOrigin = "use-credentials";
    video.preload = "auto";
    document.body.append(video);
    const on = (name) => new Promise((resolve, reject) => {
        video.addEventListener(name, resolve, { once: true });
        video.onerror = () => reject(new Error(video.error.message));
        setTimeout(() => reject(new Error(`no ${name}`)), 15000);
    });
    video.src = url;
    await on("loadeddata");
    const { duration, videoWidth } = video;
    video.currentTime = duration / 2;
    await on("seeked");
    const seeked = video.currentTime;
    void video.play();
    await on("ended");
    return { duration, width: videoWidth, seeked, ended: video.currentTime, seekable: video.seekable.end(0) };
}"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        recorder=RecorderSettings(min_free_bytes=0),
        api=ListenSettings(port=free_port()),
        live=ListenSettings(port=free_port()),
    )


@pytest.fixture
def camera_id(settings: Settings, shared_data: Path) -> Iterator[str]:
    file = shared_data / "video" / "intel_car-detection.mp4"
    with serving({"/road": file}, user="viewer", password="hunter2") as camera:
        url = camera.url("/road").replace("rtsp://", "rtsp://viewer:hunter2@", 1)
        stores = open_stores(settings)
        migrations.migrate(stores)
        with transaction(stores.core) as session:
            origin = centers.ensure_local(session, settings, SYSTEM_CLOCK)
            fields = CameraFields(code="C1", name="Road", main_url=url)
            keyring = Keyring.open(settings.key_dir)
            saved = cameras.save(session, keyring, SYSTEM_CLOCK, origin, fields, actor="test")
            assignments.refresh(session, settings)
        stores.dispose()
        yield saved.camera.id


@pytest.fixture
def processes(settings: Settings, camera_id: str) -> Iterator[None]:
    environment = {
        "VEDETTE_DATA_DIR": str(settings.data_dir),
        "VEDETTE_RECORDER__MIN_FREE_BYTES": "0",
        "VEDETTE_API__PORT": str(settings.api.port),
        "VEDETTE_LIVE__PORT": str(settings.live.port),
    }
    started = "from foundation.settings import load_settings; "
    children = [
        subprocess.Popen([sys.executable, "-c", started + code], env={**os.environ, **environment})
        for code in (
            "from ingest.recorder import run_recorder; run_recorder(load_settings(), 0)",
            "from ingest.live import run_live; run_live(load_settings())",
        )
    ]
    yield
    for child in children:
        child.send_signal(signal.SIGTERM)
    try:
        assert [child.wait(15) for child in children] == [0, 0]
    finally:
        for child in children:
            child.kill()


@pytest.fixture
def console(settings: Settings, tmp_path: Path) -> Iterator[str]:
    """A page at the console's address."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>console</title>")

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", settings.api.port), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{settings.api.port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def recorded_since(settings: Settings, seconds: float) -> int:
    """When the recording began, once it has gone on for so long."""
    for _ in range(600):
        try:
            status = json.loads((settings.run_dir / "recorder-0.status.json").read_bytes())
        except (OSError, ValueError):
            status = {"streams": []}
        since = [one["since_us"] for one in status["streams"] if one["state"] == "recording"]
        if since and status["time_us"] - since[0] > seconds * US_PER_S:
            return int(since[0])
        time.sleep(0.1)
    pytest.fail("the recorder does not record")


@pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no Chromium")
def test_a_browser_shows_the_camera_live_and_plays_and_seeks_what_was_recorded(
    settings: Settings, camera_id: str, processes: None, console: str
) -> None:
    from playwright.sync_api import sync_playwright

    since_us = recorded_since(settings, 12)
    media = f"127.0.0.1:{settings.live.port}/media"
    until_us = since_us + 6 * US_PER_S
    span = f"start_us={since_us}&end_us={until_us}"
    person = Holder("zhang", "account", "session")
    leaves = [
        live_leave(SYSTEM_CLOCK, person, [camera_id]),
        clip_leave(SYSTEM_CLOCK, person, camera_id, "main", since_us, until_us),
    ]
    keyring = Keyring.open(settings.key_dir)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.goto(console)
        for leave in leaves:
            assert page.evaluate(SESSION, [f"http://{media}/session", tickets.issue(keyring, leave)]) == 204
        live = page.evaluate(LIVE, [f"ws://{media}/live/{camera_id}/main"])
        clip = page.evaluate(CLIP, [f"http://{media}/clips/{camera_id}/main.mp4?{span}"])
        # What the browser shows when the person has signed out elsewhere.
        page.evaluate(WATCH, [f"ws://{media}/live/{camera_id}/main"])
        note_ended(settings.run_dir, SYSTEM_CLOCK, session_ids=["session"])
        assert page.evaluate("() => window.closed_with") == 1008
        # A link to the footage, followed in the same browser, which still has its cookie.
        assert page.goto(f"http://{media}/clips/{camera_id}/main.mp4?{span}").status == 403
        browser.close()
    assert live["width"] == 768
    assert live["ranges"] == 1
    assert clip["width"] == 768
    assert 5 < clip["duration"] < 12
    assert clip["seekable"] == clip["duration"]
    assert clip["seeked"] == pytest.approx(clip["duration"] / 2, abs=0.2)
    assert clip["ended"] == pytest.approx(clip["duration"], abs=0.2)
    with pytest.raises(httpx.HTTPStatusError):
        httpx.get(f"http://{media}/clips/{camera_id}/main.mp4?{span}").raise_for_status()
