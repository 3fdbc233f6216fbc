from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from sqlalchemy import select
from typer.testing import CliRunner

from device_registry import credentials
from device_registry.commands import register
from device_registry.login import Login
from device_registry.models import Camera
from foundation.database import open_stores, reading
from foundation.errors import FileMissing, InvalidInput, NotFound
from foundation.keyring import Keyring
from foundation.settings import Settings

HEADER = "code,name,main_url,username,password\n"
GOOD = "C1,East gate [1],rtsp://10.0.0.1/main,viewer,hunter2\n"
BAD = "C2,West gate,http://10.0.0.2/main,,\n"


@pytest.fixture
def vedette(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_center):
    monkeypatch.setenv("VEDETTE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("VEDETTE_CENTER__LEVEL", "city")
    monkeypatch.setenv("COLUMNS", "200")
    open_center(tmp_path / "data").dispose()
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    register(app)

    def run(*arguments: str, stdin: str | None = None) -> tuple[int, str]:
        result = CliRunner().invoke(app, arguments, input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return run


def test_a_camera_is_added_changed_and_listed(vedette) -> None:
    code, output = vedette(
        "cameras",
        "add",
        "C1",
        "--name",
        "East gate",
        "--url",
        "rtsp://10.0.0.1/m",
        "--username",
        "u",
        stdin="hunter2\n",
    )
    assert (code, output) == (0, "Camera C1: added.\n")
    assert (
        vedette("cameras", "add", "C1", "--name", "Gate", "--disabled")[1] == "Camera C1: changed (disabled, name).\n"
    )
    assert vedette("cameras", "add", "C1", "--name", "Gate")[1] == "Camera C1: as it was.\n"
    listed = vedette("cameras", "ls")[1]
    assert all(text in listed for text in ("C1", "Gate", "Monitoring center", "10.0.0.1", "disabled", "not seen yet"))
    assert "hunter2" not in listed


def test_centers_hang_below_this_one_and_scope_the_list(vedette) -> None:
    added = vedette("centers", "add", "110101", "West", "--level", "county")
    assert added == (0, "Added county 110101 West.\n")
    vedette("centers", "add", "110101000001", "West station", "--parent", "110101")
    vedette("cameras", "add", "C1", "--name", "Gate", "--url", "rtsp://h/", "--center", "110101000001")
    listed = vedette("centers", "ls")[1]
    assert "  West " in listed
    assert "    West station" in listed
    assert "C1" in vedette("cameras", "ls", "--center", "110101")[1]
    with pytest.raises(InvalidInput):
        vedette("centers", "add", "110102", "East", "--level", "city")
    with pytest.raises(NotFound):
        vedette("cameras", "ls", "--center", "990000")


def test_one_password_is_asked_for_all_rows_without_one(vedette, tmp_path: Path) -> None:
    rows = ["C1,Gate,rtsp://10.0.0.1/m,viewer,", "C2,Yard,rtsp://10.0.0.2/m,viewer,own", "C3,Roof,rtsp://10.0.0.3/m,,"]
    (tmp_path / "cameras.csv").write_text(HEADER + "\n".join(rows))
    code, output = vedette("cameras", "import", "cameras.csv", "--ask-password", stdin="hunter2\n")
    assert (code, "3 new" in output, "hunter2" in output) == (0, True, False)
    settings = Settings(data_dir=tmp_path / "data")
    stores, keyring = open_stores(settings), Keyring.open(settings.key_dir)
    with reading(stores.core) as session:
        found = {one.code: credentials.find(session, keyring, one.id) for one in session.scalars(select(Camera))}
    stores.dispose()
    assert found == {"C1": Login("viewer", "hunter2"), "C2": Login("viewer", "own"), "C3": None}


def test_an_import_is_all_or_nothing_unless_partial(vedette, tmp_path: Path) -> None:
    (tmp_path / "cameras.csv").write_text(HEADER + GOOD + BAD)
    code, output = vedette("cameras", "import", "cameras.csv")
    assert code == 1
    assert all(text in output for text in ("3", "main_url", "only the schemes rtsp", "Nothing written"))
    assert "C1" not in vedette("cameras", "ls")[1]
    code, output = vedette("cameras", "import", "cameras.csv", "--partial")
    assert code == 1
    assert "Written: 1 new, 0 changed, 0 as they were, 1 refused." in output
    assert "East gate [1]" in vedette("cameras", "ls")[1]


def test_a_dry_run_tells_all_and_writes_nothing(vedette, tmp_path: Path) -> None:
    (tmp_path / "cameras.csv").write_text(HEADER + GOOD)
    code, output = vedette("cameras", "import", "cameras.csv", "--dry-run")
    assert (code, output) == (0, "Dry run, nothing written: 1 new, 0 changed, 0 as they were, 0 refused.\n")
    assert "C1" not in vedette("cameras", "ls")[1]


def test_a_file_that_cannot_be_read_is_named(vedette, tmp_path: Path) -> None:
    with pytest.raises(FileMissing, match=r"none\.csv"):
        vedette("cameras", "import", "none.csv")
    (tmp_path / "bad.csv").write_text("nonsense\n")
    with pytest.raises(InvalidInput, match=r"bad\.csv, row 1"):
        vedette("cameras", "import", "bad.csv")


def test_a_camera_is_recorded_as_it_is_told_within_the_centers_limits(vedette, monkeypatch) -> None:
    monkeypatch.setenv("VEDETTE_RECORDER__RETENTION_MAX_DAYS", "60")
    add = ("cameras", "add", "C1", "--name", "East gate", "--url", "rtsp://10.0.0.1/m")
    assert vedette(*add, "--transport", "udp", "--retention-days", "7") == (0, "Camera C1: added.\n")
    code, output = vedette("cameras", "add", "C1", "--retention-days", "none", "--audio-purpose", "complaints desk")
    assert (code, output) == (0, "Camera C1: changed (audio_purpose, retention_days).\n")
    assert vedette("cameras", "add", "C1", "--tls-sha256", "AB:" * 31 + "AB") == (
        0,
        "Camera C1: changed (tls_sha256).\n",
    )
    with pytest.raises(InvalidInput, match=r"camera C1, retention_days: it lies outside of 0 to 60 days"):
        vedette("cameras", "add", "C1", "--retention-days", "61")


def test_a_file_tells_how_cameras_are_recorded(vedette, tmp_path) -> None:
    file = tmp_path / "cameras.csv"
    header = "code,name,main_url,transport,audio_purpose,retention_days,retention_bytes\n"
    file.write_text(header + "C1,East gate,rtsp://10.0.0.1/m,udp,,14,none\n")
    assert "1 new" in vedette("cameras", "import", str(file))[1]
    file.write_text(header + "C1,,,tcp,none,,\nC2,West gate,rtsp://10.0.0.2/m,sctp,,many,\n")
    code, output = vedette("cameras", "import", str(file), "--partial")
    assert code == 1
    assert "1 changed" in output
    assert "not a number" in output


def test_an_export_round_trips_and_overwrites_nothing(vedette, tmp_path: Path) -> None:
    assert vedette("cameras", "template", "empty.csv")[0] == 0
    assert vedette("cameras", "import", "empty.csv")[1] == "Written: 0 new, 0 changed, 0 as they were, 0 refused.\n"
    (tmp_path / "cameras.csv").write_text(HEADER + GOOD)
    vedette("cameras", "import", "cameras.csv")
    assert vedette("cameras", "export", "all.csv")[0] == 0
    assert "hunter2" not in (tmp_path / "all.csv").read_text()
    assert "0 changed, 1 as they were" in vedette("cameras", "import", "all.csv")[1]
    with pytest.raises(InvalidInput, match=r"all\.csv: the file exists already"):
        vedette("cameras", "export", "all.csv")
    with pytest.raises(FileMissing, match="cannot be written"):
        vedette("cameras", "export", "no/such/folder.csv")


def test_a_workbook_is_told_by_its_content_and_goes_round(vedette, tmp_path: Path) -> None:
    assert vedette("cameras", "template", "empty.xlsx")[0] == 0
    assert "Written: 0 new" in vedette("cameras", "import", "empty.xlsx")[1]
    (tmp_path / "cameras.csv").write_text(HEADER + GOOD)
    vedette("cameras", "import", "cameras.csv")
    assert vedette("cameras", "export", "all.xlsx")[0] == 0
    (tmp_path / "all.xlsx").rename(tmp_path / "all.csv")  # by content, not by name
    assert "0 changed, 1 as they were" in vedette("cameras", "import", "all.csv")[1]


def test_other_systems_files_are_told_by_their_content(vedette, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("FRIGATE_RTSP_PASSWORD", "hunter2")
    (tmp_path / "config.yml").write_text(
        "cameras:\n  gate:\n    zones: {}\n    ffmpeg:\n      inputs:\n"
        "        - path: rtsp://viewer:{FRIGATE_RTSP_PASSWORD}@10.0.0.1/main\n          roles: [record]\n"
    )
    code, output = vedette("cameras", "import", "config.yml")
    assert (code, output) == (
        0,
        "Note: Row 2: nothing is kept of zones.\nWritten: 1 new, 0 changed, 0 as they were, 0 refused.\n",
    )
    (tmp_path / "hardware.csv").write_text("HardwareAddress,HardwareName\n127.0.0.1:1,Gate\n")
    code, output = vedette("cameras", "import", "hardware.csv", "--probe")  # of this machine, so it is refused
    assert code == 1
    assert "onvif_url" in output
    with pytest.raises(InvalidInput, match="no column of addresses"):
        vedette("cameras", "import", "config.yml", "--format", "milestone")


def test_what_technicians_keep_is_set_cleared_and_shown_as_history(vedette) -> None:
    vedette("cameras", "add", "C1", "--name", "-East", "--url", "rtsp://10.0.0.1/m", "--set", "height_m=4.5",
            "--set", "owner=City = Roads")  # fmt: skip
    code, output = vedette("cameras", "add", "C1", "--set", "owner=-", "--maker", "Acme")
    assert (code, output) == (0, "Camera C1: changed (maker, owner).\n")
    shown = vedette("cameras", "history", "C1")[1]
    assert all(text in shown for text in ("City = Roads", "height_m", "4.5", "-East", "Acme", "cli:"))
    events = json.loads(vedette("cameras", "history", "C1", "--json")[1])
    assert [event["action"] for event in events] == ["cli:camera:change", "cli:camera:add"]
    with pytest.raises(InvalidInput, match="Did you mean height_m"):
        vedette("cameras", "add", "C1", "--set", "hight_m=4")
    with pytest.raises(InvalidInput, match="owner=-"):
        vedette("cameras", "add", "C1", "--set", "owner=")
    with pytest.raises(InvalidInput, match="no number from 0 to 500"):
        vedette("cameras", "add", "C1", "--set", "height_m=tall")


def test_a_device_is_replaced(vedette) -> None:
    vedette("cameras", "add", "C1", "--name", "East", "--url", "rtsp://10.0.0.1/m", "--set", "serial=SN-7")
    replace = ("cameras", "replace", "C1", "--reason", "lightning")
    code, output = vedette(*replace, "--set", "serial=SN-8", "--username", "viewer", stdin="hunter2\n")
    assert (code, output) == (0, "Camera C1: its device is another one now (credential, serial).\n")
    assert "lightning" in vedette("cameras", "history", "C1")[1]
    with pytest.raises(InvalidInput, match="not of the device"):
        vedette(*replace, "--set", "height_m=3")
    with pytest.raises(NotFound):
        vedette("cameras", "replace", "C9", "--reason", "lightning")


def test_ids_are_shown_then_given(vedette) -> None:
    vedette("cameras", "add", "C1", "--name", "East", "--url", "rtsp://10.0.0.1/m")
    for arguments, outcome in ((("--dry-run",), "Dry run, nothing written: 1 IDs."), ((), "Written: 1 IDs.")):
        code, output = vedette("cameras", "ids", *arguments)
        assert code == 0
        assert "11000000001320000001" in output
        assert outcome in output
    assert "Written: 0 IDs." in vedette("cameras", "ids")[1]


def test_an_odd_code_of_a_center_is_told(vedette) -> None:
    code, output = vedette("centers", "add", "310101", "Elsewhere", "--level", "county")
    assert code == 0
    assert "Note: 310101 does not lie in the division 110000" in output
