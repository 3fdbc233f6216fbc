"""A PostgreSQL of our own for one test run: a fresh cluster on a Unix socket, gone when the run ends or dies."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_OPTIONS = ("fsync=off", "full_page_writes=off", "listen_addresses=", "max_connections=60", "shared_buffers=32MB")


class NoPostgresql(Exception):
    """The server's programs are not installed."""


@contextmanager
def private_cluster() -> Iterator[str]:
    """Yields the SQLAlchemy URL of its maintenance database."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="vedette-pg-"))
    user: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=INT"]
    data = folder / "data"
    try:
        subprocess.run(
            [*user, programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True,
            capture_output=True,
            cwd=folder,
        )
        settings = [part for option in (*_OPTIONS, f"unix_socket_directories={folder}") for part in ("-c", option)]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen([*user, programs / "postgres", "-D", data, *settings], stderr=log, cwd=folder)
        try:
            _await(folder, server)
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            server.send_signal(2)
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = packaged[-1] if packaged else Path(shutil.which("initdb") or "")
    if not found.name:
        raise NoPostgresql("PostgreSQL's server programs are absent (Debian: apt-get install postgresql)")
    return found.parent


def _await(folder: Path, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError((folder / "log").read_text())
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not answer")
