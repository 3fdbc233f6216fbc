from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from foundation import audit, commands, doctor
from foundation.clock import ManualClock
from foundation.database import transaction
from foundation.doctor import Finding, Verdict, examine
from foundation.errors import ConfigError
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.settings import ListenSettings, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        api, live = (ListenSettings(port=probe.getsockname()[1]) for probe in (first, second))
    return Settings(data_dir=tmp_path / "data", api=api, live=live)


def _verdicts(findings: list[Finding]) -> dict[str, Verdict]:
    return {finding.check: finding.verdict for finding in findings}


def test_a_fresh_machine_is_in_order_and_nothing_is_made(settings: Settings) -> None:
    findings = examine(settings, doctor.CHECKS)
    assert [finding for finding in findings if finding.verdict is Verdict.FAULT] == []
    assert {"python", "opencv", "data folder", "free space", "keys", "api port", "database", "clock"} <= set(
        _verdicts(findings)
    )
    assert not settings.data_dir.exists()


def test_a_port_in_use_is_a_fault_that_names_the_setting(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.api = ListenSettings(port=taken.getsockname()[1])
        [finding, _] = doctor.check_ports(settings)
    assert finding.verdict is Verdict.FAULT
    assert "VEDETTE_API__PORT" in finding.mend


def test_a_file_where_a_folder_is_needed(settings: Settings) -> None:
    settings.data_dir.write_text("")
    assert _verdicts(list(doctor.check_folders(settings)))["data folder"] is Verdict.FAULT


def test_a_disk_that_is_nearly_full(settings: Settings) -> None:
    settings.recorder.min_free_bytes = 1 << 60
    assert _verdicts(list(doctor.check_folders(settings)))["free space"] is Verdict.FAULT


@pytest.mark.parametrize(("disks", "processes", "warned"), [(1, 1, 0), (4, 2, 0), (3, 2, 1), (2, 2, 2), (1, 3, 2)])
def test_recorders_with_one_disk_or_none(tmp_path: Path, disks: int, processes: int, warned: int) -> None:
    settings = Settings(data_dir=tmp_path)
    settings.recorder.disks = [tmp_path / str(number) for number in range(disks)]
    settings.recorder.processes = processes
    findings = list(doctor.check_disks_of_recorders(settings))
    assert [one.verdict for one in findings] == [Verdict.WARNING] * warned


def test_keys_open_to_others(settings: Settings) -> None:
    Keyring.open(settings.key_dir)
    settings.key_dir.chmod(0o755)
    [finding] = examine(settings, [doctor.check_keys])
    assert finding.verdict is Verdict.FAULT
    assert "chmod 700" in finding.mend


def test_a_center_without_a_recent_backup_is_warned(settings: Settings, open_center) -> None:
    assert list(doctor.check_backups(settings)) == []
    Keyring.open(settings.key_dir)
    stores = open_center(settings.data_dir)
    clock = ManualClock(1_900_000_000_000_000)
    [finding] = doctor.check_backups(settings, clock)
    assert (finding.verdict, "there is none" in finding.what) == (Verdict.WARNING, True)
    with transaction(stores.core) as session:
        action = audit.AuditAction.CLI_BACKUP_CREATE
        audit.record(session, action, origin=Origin("1", "n"), actor="cli:x", subject="1", clock=clock)
    stores.dispose()
    assert next(doctor.check_backups(settings, clock)).verdict is Verdict.OK
    clock.advance(8 * 24 * 3600)
    assert next(doctor.check_backups(settings, clock)).verdict is Verdict.WARNING
    settings.backup_dir.mkdir()
    file = settings.backup_dir / "vedette-1-20300101T000000Z.tar"
    file.write_bytes(b"")
    os.utime(file, (clock.now_us() / 1e6, clock.now_us() / 1e6))
    assert next(doctor.check_backups(settings, clock)).verdict is Verdict.OK


def test_a_database_that_is_none(settings: Settings) -> None:
    settings.data_dir.mkdir()
    (settings.data_dir / "core.sqlite3").write_text("no database" * 100)
    [finding] = examine(settings, [doctor.check_database])
    assert finding.verdict is Verdict.FAULT


def test_a_clock_of_the_past(settings: Settings) -> None:
    [finding] = doctor.check_clock(settings, ManualClock(0))
    assert (finding.verdict, finding.check) == (Verdict.FAULT, "clock")


def test_a_check_that_breaks_is_a_finding(settings: Settings) -> None:
    def check_models(_settings: Settings) -> Iterator[Finding]:
        raise ConfigError("the model file is missing.", where="plates.onnx", mend="Install it.")

    def check_crash(_settings: Settings) -> Iterator[Finding]:
        raise ZeroDivisionError

    assert [(finding.check, finding.verdict) for finding in examine(settings, [check_models, check_crash])] == [
        ("models", Verdict.FAULT),
        ("crash", Verdict.FAULT),
    ]


@pytest.fixture
def app(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setenv("VEDETTE_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("VEDETTE_API__PORT", str(settings.api.port))
    monkeypatch.setenv("VEDETTE_LIVE__PORT", str(settings.live.port))
    app = typer.Typer()
    commands.register(app, [lambda _settings: [Finding("extra", Verdict.FAULT, "is missing.")]])
    return app


def test_doctor_prints_json_and_its_exit_code_tells(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["doctor", "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)[-1] == {"check": "extra", "verdict": "fault", "what": "is missing.", "mend": ""}


def test_doctor_prints_a_table(app: typer.Typer) -> None:
    assert "extra" in CliRunner().invoke(app, ["doctor"]).stdout


def test_config_show_lists_every_setting_and_masks_secrets(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_DATABASE__URL", "postgresql://vedette:hunter2@db/vedette")
    monkeypatch.setenv("COLUMNS", "300")
    result = CliRunner().invoke(app, ["config", "show"])
    assert "hunter2" not in result.stdout
    lines = {line.split("│")[1].strip(): line for line in result.stdout.splitlines() if line.startswith("│")}
    assert "set" in lines["database.url"]
    assert "default" in lines["recorder.segment_s"]
    assert "Length of a segment file" in lines["recorder.segment_s"]


def test_config_check(app: typer.Typer) -> None:
    assert CliRunner().invoke(app, ["config", "check"]).exit_code == 0


def test_preparing_from_the_command_line(app: typer.Typer) -> None:
    assert CliRunner().invoke(app, ["database", "prepare"]).exit_code == 0


def test_a_folder_that_everybody_may_enter_is_named(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    for mode, verdict in ((0o755, Verdict.WARNING), (0o750, Verdict.OK)):
        settings.data_dir.mkdir(exist_ok=True)
        settings.data_dir.chmod(mode)
        assert next(iter(doctor.check_folders(settings))).verdict is verdict
