"""`vedette doctor`: what this machine lacks, before it shows at work. Rooms above bring checks of their own."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path

from foundation.clock import SYSTEM_CLOCK, US_PER_S, Clock, to_iso
from foundation.errors import VedetteError
from foundation.files import is_locked
from foundation.settings import ListenSettings, Settings

LIBRARIES = ("sqlalchemy", "psycopg", "fastapi", "av", "opencv-python-headless", "onnxruntime", "numpy", "cryptography")
# 2026-11-01: no working machine's clock is before the month this was written.
_EARLIEST_US = 1_793_491_200 * US_PER_S
_WEEK_US = 7 * 24 * 3600 * US_PER_S
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
_TIMEX_BYTES = 512


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    verdict: Verdict
    what: str
    mend: str = ""


Check = Callable[[Settings], Iterable[Finding]]


def examine(settings: Settings, checks: Iterable[Check]) -> list[Finding]:
    """Run every check; one that breaks is a finding itself."""
    findings: list[Finding] = []
    for check in checks:
        try:
            findings.extend(check(settings))
        except VedetteError as error:
            findings.append(Finding(_name(check), Verdict.FAULT, _sentence(error), error.mend or ""))
        except Exception as error:  # noqa: BLE001 - the other checks are still worth running
            findings.append(Finding(_name(check), Verdict.FAULT, f"the check failed: {type(error).__name__}: {error}"))
    return findings


def check_libraries(_settings: Settings) -> Iterator[Finding]:
    yield Finding("python", Verdict.OK, platform.python_version())
    for name in LIBRARIES:
        try:
            yield Finding(name, Verdict.OK, version(name))
        except PackageNotFoundError:
            yield Finding(name, Verdict.FAULT, "is not installed.", "Install Vedette's locked requirements again.")


def check_opencv(_settings: Settings) -> Iterator[Finding]:
    builds = sorted({found.name for found in distributions() if (found.name or "").lower().startswith("opencv")})
    if len(builds) <= 1:
        yield Finding("opencv", Verdict.OK, ", ".join(builds) or "none")
        return
    yield Finding(
        "opencv",
        Verdict.FAULT,
        f"{len(builds)} builds overwrite each other's files: {', '.join(builds)}.",
        "Uninstall all of them, then install opencv-python-headless alone.",
    )


def check_folders(settings: Settings) -> Iterator[Finding]:
    yield _folder("data folder", settings.data_dir)
    for disk in settings.footage_disks:
        yield _folder("footage disk", disk)
        free = shutil.disk_usage(_nearest(disk)).free
        enough = free > settings.recorder.min_free_bytes
        yield Finding(
            "free space",
            Verdict.OK if enough else Verdict.FAULT,
            f"{free / 1e9:.1f} GB free on {disk}",
            "" if enough else "Free space, name another disk, or lower recorder.min_free_bytes.",
        )


def check_disks_of_recorders(settings: Settings) -> Iterator[Finding]:
    """A disk belongs to one recorder, which falls back on its own disks alone."""
    several = len(settings.footage_disks) > 1
    for recorder in range(settings.recorder.processes):
        disks = settings.disks_of(recorder)
        if not disks:
            what = f"recorder {recorder} has no disk and records nothing."
            yield Finding("footage disks", Verdict.WARNING, what, "Lower recorder.processes, or name another disk.")
        elif several and len(disks) == 1:
            what = f"recorder {recorder} has {disks[0]} alone: when that fails, nothing of its cameras is recorded."
            yield Finding("footage disks", Verdict.WARNING, what, "Lower recorder.processes, or name another disk.")


def check_keys(settings: Settings) -> Iterator[Finding]:
    if not settings.key_dir.is_dir():
        yield Finding("keys", Verdict.OK, f"{settings.key_dir} is made at the first start")
        return
    from foundation.keyring import Keyring
    from foundation.signing import Signing

    sealing, signing = len(Keyring.open(settings.key_dir).ids), len(Signing.open(settings.key_dir).keys)
    found = f"{sealing} that seal and {signing} that sign in {settings.key_dir}"
    yield Finding("keys", Verdict.OK, f"{found}; keep a `vedette keys backup` apart from the databases'")


def check_backups(settings: Settings, clock: Clock = SYSTEM_CLOCK) -> Iterator[Finding]:
    if not settings.key_dir.is_dir():
        return  # the center was never started
    newest_us = max(_newest_file_us(settings), _newest_audited_us(settings))
    if not newest_us:
        yield Finding("backup", Verdict.WARNING, "there is none.", "Run `vedette backup`, each night by a timer.")
    elif clock.now_us() - newest_us > _WEEK_US:
        found = f"the newest is of {to_iso(newest_us)}."
        yield Finding("backup", Verdict.WARNING, found, "See why the nightly `vedette backup` does not run.")
    else:
        yield Finding("backup", Verdict.OK, f"the newest is of {to_iso(newest_us)}")


def _newest_file_us(settings: Settings) -> int:
    """Of the backups in DATA/backups, 0 where there is none."""
    times = [file.stat().st_mtime_ns // 1000 for file in settings.backup_dir.glob("vedette-*.tar*")]
    return max(times, default=0)


def _newest_audited_us(settings: Settings) -> int:
    """When the audit trail last tells of a backup, wherever it went; 0 where it tells of none, or cannot be asked."""
    from sqlalchemy import func, select
    from sqlalchemy.exc import DBAPIError

    from foundation.audit import AuditAction, AuditEntry
    from foundation.database import open_stores, reading

    file = _core_file(settings)
    if file is not None and not file.exists():
        return 0  # SQLite would make it
    query = select(func.max(AuditEntry.at_us)).where(AuditEntry.action == AuditAction.CLI_BACKUP_CREATE)
    stores = open_stores(settings)
    try:
        with reading(stores.core) as session:
            return session.scalar(query) or 0
    except DBAPIError:
        return 0  # the check of the database says why
    finally:
        stores.dispose()


def check_ports(settings: Settings) -> Iterator[Finding]:
    for name, listen in (("api", settings.api), ("live", settings.live)):
        yield _port(name, listen, settings.run_dir)


def check_database(settings: Settings) -> Iterator[Finding]:
    from foundation import migrations
    from foundation.database import open_stores

    file = _core_file(settings)
    if file is not None and not file.exists():
        yield Finding("database", Verdict.OK, f"{file} is made at the first start")
        return
    stores = open_stores(settings)
    try:
        migrations.check(stores)
    finally:
        stores.dispose()
    yield Finding("database", Verdict.OK, "both stores answer and have this version's schema")


def _core_file(settings: Settings) -> Path | None:
    """SQLite's file; None on a server."""
    from sqlalchemy import make_url

    file = make_url(settings.core_url).database if settings.core_url.startswith("sqlite") else None
    return Path(file) if file is not None else None


def check_clock(_settings: Settings, clock: Clock = SYSTEM_CLOCK) -> Iterator[Finding]:
    now_us = clock.now_us()
    if now_us < _EARLIEST_US:
        yield Finding("clock", Verdict.FAULT, f"it says {to_iso(now_us)}.", "Set it, and synchronise it with NTP.")
        return
    synchronised = _synchronised()
    if synchronised:
        yield Finding("clock", Verdict.OK, "synchronised")
    else:
        state = "not synchronised" if synchronised is False else "the kernel does not tell whether it is synchronised"
        yield Finding("clock", Verdict.WARNING, f"{state}.", "Run chrony or systemd-timesyncd.")


CHECKS: tuple[Check, ...] = (
    check_libraries,
    check_opencv,
    check_folders,
    check_disks_of_recorders,
    check_keys,
    check_backups,
    check_ports,
    check_database,
    check_clock,
)


def _folder(name: str, path: Path) -> Finding:
    existing = _nearest(path)
    if path.exists() and not path.is_dir():
        return Finding(name, Verdict.FAULT, f"{path} is a file.", "Move it away, or name another folder.")
    if not os.access(existing, os.W_OK | os.X_OK):
        return Finding(name, Verdict.FAULT, f"{existing} cannot be written.", "Give this user write permission on it.")
    if not path.exists():
        return Finding(name, Verdict.OK, f"{path} is made at the first start")
    if path.stat().st_mode & 0o007:
        return Finding(
            name, Verdict.WARNING, f"every user of this machine may enter {path}.", f"Run `chmod 750 {path}`."
        )
    return Finding(name, Verdict.OK, str(path))


def _nearest(path: Path) -> Path:
    """The path itself or the first of its parents that exists."""
    path = path.absolute()
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _port(name: str, listen: ListenSettings, run_dir: Path) -> Finding:
    check = f"{name} port"
    if _locked(run_dir / f"{name}-0.lock"):
        return Finding(check, Verdict.OK, f"{listen.port}, and Vedette's {name} process runs")
    with socket.socket(socket.AF_INET6 if ":" in listen.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listen.host, listen.port))
        except OSError as error:
            what = f"{listen.port} on {listen.host}: {os.strerror(error.errno or 0).lower()}."
            mend = f"Stop what listens there, or choose another port with VEDETTE_{name.upper()}__PORT."
            return Finding(check, Verdict.FAULT, what, mend)
    return Finding(check, Verdict.OK, f"{listen.port} is free")


def _locked(path: Path) -> bool:
    """Also where this user may not look."""
    with suppress(OSError):
        return is_locked(path)
    return False


def _synchronised() -> bool | None:
    """What the kernel says of its clock (adjtimex with no modes only reads); None where it may not be asked."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else bool(state != _TIME_ERROR)


def _name(check: Check) -> str:
    return getattr(check, "__name__", "check").removeprefix("check_").replace("_", " ")


def _sentence(error: VedetteError) -> str:
    return f"{error.where}: {error.what}" if error.where else error.what
