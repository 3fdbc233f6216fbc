"""`vedette audit`, as an auditor types it."""

from __future__ import annotations

import csv
import errno
import json
import os
import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from typer.testing import CliRunner, Result

from control_center.cli import build_app
from control_center.reports.options import moment_us, plain
from foundation import audit
from foundation.audit import AuditAction, AuditEntry
from foundation.audit.check import Head
from foundation.audit.file import check_file
from foundation.chain import canonical_json, chain_hash
from foundation.clock import ManualClock
from foundation.database import open_stores, reading, transaction
from foundation.errors import Conflict, DiskFull, FileMissing, InvalidInput, NotFound, NotWritable, ReasonRequired
from foundation.identifiers import Origin
from foundation.settings import load_settings

NOW_US = ManualClock().now_us()  # 2023-11-14T22:13:20Z


@pytest.fixture
def core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The store of a center that the commands find, with three entries, one of them of somebody who plays tricks."""
    monkeypatch.setenv("VEDETTE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(build_app(), ["database", "prepare"]).exit_code == 0
    stores = open_stores(load_settings())
    clock = ManualClock()
    for n, actor in enumerate(("li", "wang", "\x1b[31m=1+1")):
        with transaction(stores.core) as session:
            audit.record(
                session,
                AuditAction.API_ALERT_READ,
                origin=Origin("center-1", "node-1"),
                actor=actor,
                subject=f"alert-{n}",
                detail={"名": "张三"},
                reason="盗窃",
                case_number=f"A110{n}",
                clock=clock,
            )
        clock.advance(24 * 3600)
    yield stores.core
    stores.dispose()


def vedette(*words: str) -> Result:
    return CliRunner().invoke(build_app(), ["audit", *words], catch_exceptions=False)


def found(*words: str) -> list[str]:
    return [json.loads(line)["subject"] for line in vedette("search", "--json", *words).stdout.splitlines()]


def last_entry(core: Engine) -> AuditEntry:
    with reading(core) as session:
        return session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()


def test_a_whole_trail_is_called_whole_and_a_broken_one_named(core: Engine) -> None:
    told = vedette("verify")
    assert told.exit_code == 0
    assert re.fullmatch(r"The audit trail is whole: 3 entries, and the head is 3:[0-9a-f]{64}\.\n", told.stdout)
    with transaction(core) as session:
        session.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE seq = 2"))
    told = vedette("verify")
    assert told.exit_code == 1
    assert told.stderr == "The trail breaks: entry 2 was changed after it was written.\n"
    assert json.loads(vedette("verify", "--json").stdout)["fault"]["seq"] == 2


def test_a_noted_head_is_checked(core: Engine) -> None:
    head = vedette("head").stdout.strip()
    assert json.loads(vedette("head", "--json").stdout)["seq"] == 3
    assert vedette("verify", "--head", head).exit_code == 0
    forged = vedette("verify", "--head", f"2:{'0' * 64}", "--head", head)
    assert forged.exit_code == 1
    assert "entry 2 is not the one that was noted" in forged.stderr
    with pytest.raises(InvalidInput, match="no head"):
        vedette("verify", "--head", "2")


def test_a_search_meets_all_conditions_and_is_audited(core: Engine) -> None:
    assert found("--actor", "li") == ["alert-0"]
    assert found("--action", "api:alert:", "--from", "2023-11-15", "--to", "2023-11-15") == ["alert-1"]
    assert found("--action", "api:alert:read", "--to", "2023-11-15T22:13:20") == ["alert-0"]
    assert found("--case", "A1102", "--text", "盗") == ["alert-2"]
    assert found("--subject", "alert-1") == ["alert-1"]
    assert found("--action", "api:", "--limit", "2") == ["alert-2", "alert-1"]
    entry = last_entry(core)
    assert (entry.action, entry.detail) == ("cli:audit:search", {"action": "api:"})
    assert entry.actor.startswith("cli:")
    with pytest.raises(NotFound):
        vedette("search", "--center", "999999")


@pytest.mark.parametrize("command", ["search", "report"])
def test_bytes_that_are_no_text_are_refused(core: Engine, command: str) -> None:
    with pytest.raises(InvalidInput, match="no text"):
        vedette(command, "--actor", "\udcff")


def test_what_somebody_typed_does_not_steer_the_terminal(core: Engine) -> None:
    shown = vedette("search").stdout
    assert "\x1b" not in shown
    assert r"\x1b[31m=1+1" in shown
    assert "张三" in shown
    assert plain("a\nb\u202e") == r"a\nb\u202e"


def test_an_export_can_be_checked_elsewhere(core: Engine, tmp_path: Path) -> None:
    made = vedette("export", "all.jsonl", "--reason", "yearly check", "--for-case", "A110101")
    assert made.exit_code == 0
    file = tmp_path / "all.jsonl"
    assert file.stat().st_mode & 0o777 == 0o600
    entry = last_entry(core)
    assert (entry.action, entry.reason, entry.case_number) == ("cli:audit:export", "yearly check", "A110101")
    told = vedette("verify", "--file", "all.jsonl", "--head", f"{entry.seq}:{entry.hash}")
    assert told.exit_code == 0
    assert "The file holds: 5 entries, signed by this center's key" in told.stdout
    assert vedette("verify", "--file", "all.jsonl", "--head", f"2:{'0' * 64}").exit_code == 1
    for refused, kind in ((("all.jsonl", "--reason", "x"), Conflict), (("new.jsonl",), ReasonRequired)):
        with pytest.raises(kind):
            vedette("export", *refused)
    assert not (tmp_path / "new.jsonl").exists()
    with pytest.raises(FileMissing):
        vedette("verify", "--file", "absent.jsonl")


def test_an_export_that_does_not_fit_is_told_and_leaves_nothing(core: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotWritable):
        vedette("export", "absent/all.jsonl", "--reason", "check")
    vedette("export", "first.jsonl", "--reason", "check")  # makes the key that signs

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        vedette("export", "all.jsonl", "--reason", "check")
    assert not Path("all.jsonl").exists()


def test_a_third_party_checks_an_export_with_the_standard_library(core: Engine, tmp_path: Path) -> None:
    """As docs/design/0004-audit.md describes it."""
    import hashlib

    vedette("export", "all.jsonl", "--reason", "check")
    *lines, last = (tmp_path / "all.jsonl").read_bytes().splitlines(keepends=True)
    previous = ""
    for line in lines:
        entry = json.loads(line)
        own, before = entry.pop("hash"), entry.pop("prev_hash")
        content = json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()
        assert before == previous
        assert own == hashlib.sha256(before.encode() + b"\n" + content).hexdigest()
        previous = own
    trailer = json.loads(last)["trailer"]
    assert trailer["sha256"] == hashlib.sha256(b"".join(lines)).hexdigest()
    assert trailer["head"] == {"seq": 5, "hash": previous}


def test_an_export_as_csv_opens_in_a_spreadsheet(core: Engine, tmp_path: Path) -> None:
    vedette("export", "all.csv", "--format", "csv", "--reason", "check", "--action", "api:")
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["subject"] for row in rows[:-1]] == ["alert-0", "alert-1", "alert-2"]
    assert (rows[0]["time"], rows[0]["detail"]) == ("2023-11-14T22:13:20.000Z", '{"名": "张三"}')
    piped = vedette("export", "-", "--format", "csv", "--reason", "check", "--actor", "li").stdout
    assert len(piped.splitlines()) == 3


TAMPERINGS = {
    "a changed value": lambda lines: [lines[0].replace(b"alert-0", b"alert-9"), *lines[1:]],
    "a space": lambda lines: [lines[0].replace(b'":', b'": ', 1), *lines[1:]],
    "a line taken out": lambda lines: [lines[0], *lines[2:]],
    "the first line taken out": lambda lines: lines[1:],
    "two lines swapped": lambda lines: [lines[1], lines[0], *lines[2:]],
    "a line doubled": lambda lines: [lines[0], lines[0], *lines[1:]],
    "the end cut off": lambda lines: lines[:-2],
    "the trailer cut off": lambda lines: lines[:-1],
    "half a line": lambda lines: [*lines[:-1], lines[-1][:40]],
    "something after the trailer": lambda lines: [*lines, lines[0]],
    "another trailer": lambda lines: [*lines[:-1], lines[-1].replace(b'"made_by":"cli', b'"made_by":"clx')],
    "another head": lambda lines: [*lines[:-1], lines[-1].replace(b'"seq":5', b'"seq":6')],
    "no JSON": lambda lines: [b"x\n", *lines[1:]],
    "an empty line": lambda lines: [lines[0], b"\n", *lines[1:]],
    "an array": lambda lines: [b"[]\n", *lines[1:]],
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampered_export_is_found(core: Engine, tmp_path: Path, name: str) -> None:
    vedette("export", "all.jsonl", "--reason", "check")
    file = tmp_path / "all.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(TAMPERINGS[name](lines)))
    assert vedette("verify", "--file", "all.jsonl").exit_code == 1


def test_an_export_with_new_hashes_is_found_by_its_signature_or_a_noted_head(core: Engine, tmp_path: Path) -> None:
    """Somebody forges an entry and everything that follows from it, but has no key."""
    vedette("export", "all.jsonl", "--reason", "check")
    head = last_entry(core)
    file = tmp_path / "all.jsonl"
    *lines, last = [json.loads(line) for line in file.read_bytes().splitlines()]
    previous = ""
    for line in lines:
        line["actor"] = "somebody-else"
        content = {name: value for name, value in line.items() if name not in ("hash", "prev_hash")}
        line["prev_hash"], line["hash"] = previous, chain_hash(previous, content)
        previous = line["hash"]
    text_ = b"".join(canonical_json(line) + b"\n" for line in lines)
    import hashlib

    last["trailer"] |= {"sha256": hashlib.sha256(text_).hexdigest(), "head": {"seq": len(lines), "hash": previous}}
    file.write_bytes(text_ + canonical_json(last) + b"\n")
    assert "signature does not hold" in vedette("verify", "--file", "all.jsonl").stderr
    assert check_file(file, None).fault is None
    fault = check_file(file, None, [Head(head.seq, head.hash)]).fault
    assert fault is not None
    assert fault.seq == head.seq


def test_a_report_is_a_table_with_totals(core: Engine) -> None:
    told = vedette("report", "--from", "2023-11-14", "--to", "2023-11-16", "--reason", "asked by the person")
    assert told.exit_code == 0
    assert re.search(r"li +│ +│ alert +│ alert-0", told.stdout)
    assert re.search(r"│ wang +│ 0 +│ 0 +│ 1 +│", told.stdout)
    assert last_entry(core).reason == "asked by the person"
    lines = vedette(
        "report", "--from", "2023-11-14", "--to", "2023-11-16", "--actor", "li", "--json"
    ).stdout.splitlines()
    assert [json.loads(line).get("actor") for line in lines] == ["li", None]


@pytest.mark.parametrize(
    ("given", "is_end", "expected"),
    [
        ("2023-11-14", False, NOW_US - 80_000 * 1_000_000),
        ("2023-11-14", True, NOW_US + 6_400 * 1_000_000),
        ("2023-11-14T22:13:20", True, NOW_US),
        ("2023-11-15T06:13:20.5+08:00", False, NOW_US + 500_000),
    ],
)
def test_dates_are_days_of_utc(given: str, is_end: bool, expected: int) -> None:
    assert moment_us(given, "--from", is_end=is_end) == expected


@pytest.mark.parametrize("given", ["", "yesterday", "2023-13-01", "20231301"])
def test_what_is_no_date_is_refused(given: str) -> None:
    with pytest.raises(InvalidInput):
        moment_us(given, "--from")
