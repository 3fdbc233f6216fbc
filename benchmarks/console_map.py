"""10,000 cameras on the console's map are dragged in Chromium; beside it MapLibre GL JS with as many points.

    python -m benchmarks.console_map --maplibre FOLDER

FOLDER has `node_modules/maplibre-gl` of version 5; without it the peer is left out. Both pages are built by the
console's Vite, served under the center's content security policy, and drawn without a graphics processor. CPU time is
that of all processes of the browser.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Error, Page, sync_playwright

ROOT = Path(__file__).parents[1]
WEB = ROOT / "control_center/console/web"
PEER = Path(__file__).with_name("_map_peer")
NODE = [sys.executable, str(ROOT / "tools/node.py")]
CAMERAS, FRAMES, ZOOMS = 10_000, 120, (0, 3, 6)
PORT = 8970
FRAME_GOAL_MS = 50.0  # CPU of all processes for a frame: dragging follows the hand on two cores
ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
NO_WEBGL = ["--disable-webgl", "--disable-webgl2"]

# One step of the pointer for each frame that is drawn.
DRAG = """frames => new Promise(done => {
  const frame = document.querySelector("[data-testid=map]");
  const { left, top } = frame.getBoundingClientRect();
  frame.setPointerCapture = () => undefined;
  const send = (kind, x, y) => frame.dispatchEvent(new PointerEvent(kind, {
    bubbles: true, pointerId: 1, button: 0, clientX: left + x, clientY: top + y }));
  send("pointerdown", 400, 400);
  const step = i => {
    if (i === frames) { send("pointerup", 400, 400); return done(); }
    send("pointermove", 400 + 80 * Math.sin(i / 9), 400 + 60 * Math.cos(i / 7));
    requestAnimationFrame(() => step(i + 1));
  };
  requestAnimationFrame(() => step(0));
})"""


def build(source: Path, into: Path, *more: str) -> None:
    vite = WEB / "node_modules/vite/bin/vite.js"
    command = [*NODE, "node", str(vite), "build", str(source), "--outDir", str(into), "--emptyOutDir", *more]
    subprocess.run([*command, "--logLevel", "error"], cwd=source, check=True)


def weight(files: list[Path]) -> str:
    contents = [file.read_bytes() for file in files]
    zipped = sum(len(gzip.compress(content)) for content in contents)
    return f"{sum(map(len, contents)) / 1000:,.0f} kB, {zipped / 1000:,.0f} kB compressed"


@contextmanager
def serving(pages: Path) -> Iterator[str]:
    """The console's mock center, which serves these pages under the center's policy."""
    more = {"MOCK_DIST": str(pages), "MOCK_PORT": str(PORT), "MOCK_MEDIA_PORT": str(PORT + 1)}
    environment = os.environ | more | {"MOCK_CAMERAS": str(CAMERAS - 7)}
    server = subprocess.Popen([*NODE, "node", str(WEB / "dev/mock.mjs")], stdout=subprocess.PIPE, env=environment)
    assert server.stdout is not None
    try:
        yield server.stdout.readline().decode().strip()
    finally:
        server.terminate()
        server.wait()


def browsers() -> float:
    """CPU seconds of whatever this process started."""
    times = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return sum(spent.user + spent.system for spent in times)


def enter_console(page: Page, url: str) -> None:
    page.goto(url)
    console, username = page.get_by_test_id("console"), page.locator("input[name=username]")
    console.or_(username).first.wait_for()  # the mock center keeps whoever signed in before
    if username.is_visible():
        username.fill("supervisor")
        page.locator("input[type=password]").fill("a long enough pass phrase")
        page.keyboard.press("Enter")
    console.wait_for()
    page.goto(f"{url}/#/map")
    page.get_by_test_id("map").wait_for(timeout=120_000)


def enter_peer(page: Page, url: str) -> None:
    page.goto(url)
    page.locator("[data-testid=map][data-idle]").wait_for(timeout=120_000)


def frame_costs(page: Page) -> list[float]:
    """Milliseconds of CPU for a frame, from afar to near."""
    costs = []
    for before, zoom in zip((0, *ZOOMS), ZOOMS, strict=False):
        for _ in range(zoom - before):
            page.get_by_test_id("map").press("+")
        time.sleep(2)
        began = browsers()
        page.evaluate(DRAG, FRAMES)
        costs.append(1000 * (browsers() - began) / FRAMES)
    return costs


def measure(playwright: Any, url: str, enter: Any, arguments: list[str]) -> list[float] | None:
    """None where nothing is drawn."""
    chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS + arguments)
    try:
        page = chromium.new_page(viewport={"width": 1600, "height": 1000}, locale="en-US")
        page.set_default_timeout(60_000)
        enter(page, url)
        return frame_costs(page)
    except Error:
        return None
    finally:
        chromium.close()


def tell(name: str, playwright: Any, url: str, enter: Any) -> list[float] | None:
    costs = measure(playwright, url, enter, [])
    shown = "is not drawn" if costs is None else ", ".join(f"{cost:.0f} ms" for cost in costs)
    print(f"{name}: CPU a frame from afar, at {ZOOMS[1]} and {ZOOMS[2]} steps nearer: {shown}")
    without = measure(playwright, url, enter, NO_WEBGL)
    print(f"{name}: without WebGL it is {'not drawn' if without is None else 'drawn'}")
    return costs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--maplibre", type=Path, help="folder with node_modules/maplibre-gl")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as room, sync_playwright() as playwright:
        ours = Path(room) / "console"
        build(WEB, ours)
        print(f"Vedette: {weight(list(ours.glob('assets/MapView-*.js')))}")
        with serving(ours) as url:
            costs = tell("Vedette", playwright, url, enter_console)
        if asked.maplibre:
            source, theirs = Path(room) / "source", Path(room) / "peer"
            shutil.copytree(PEER, source)
            (source / "node_modules").symlink_to(asked.maplibre.resolve() / "node_modules")
            build(source, theirs, "--assetsInlineLimit", "0")
            print(f"MapLibre: {weight([file for file in theirs.glob('assets/*') if file.suffix in ('.js', '.css')])}")
            with serving(theirs) as url:
                tell("MapLibre", playwright, url, enter_peer)
    passed = costs is not None and max(costs) <= FRAME_GOAL_MS
    print(f"goal: at most {FRAME_GOAL_MS:.0f} ms of CPU a frame: {'met' if passed else 'MISSED'}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
