from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from device_registry import cameras, centers, credentials
from device_registry.login import Login
from device_registry.recording import RetentionLimits
from device_registry.tables.importing import COLUMNS, ImportReport, RowProblem, import_cameras
from foundation import outbox
from foundation.audit import AuditEntry
from foundation.audit import check as audit_check
from foundation.clock import ManualClock
from foundation.errors import InvalidInput
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.outbox import OutboxEvent
from foundation.scope import Scope

Import = Callable[[bytes | str], ImportReport]
GOOD = "code,name,main_url,username,password\nC1,Gate,rtsp://10.0.0.1/main,viewer,hunter2\n"


@pytest.fixture
def import_(session: Session, keyring: Keyring, clock: ManualClock, origin: Origin) -> Import:
    def import_(content: bytes | str) -> ImportReport:
        data = content.encode() if isinstance(content, str) else content
        return import_cameras(session, keyring, clock, origin, data, actor="cli:test", limits=RetentionLimits(1, 365))

    return import_


def test_rows_are_created_changed_or_left(import_: Import) -> None:
    assert import_(GOOD) == ImportReport(created=1)
    assert import_(GOOD) == ImportReport(unchanged=1)
    assert import_("code,name\nC1,North gate\n") == ImportReport(changed=1)


def test_an_empty_cell_keeps_what_is_known(import_: Import, session: Session, keyring: Keyring, origin: Origin) -> None:
    import_(GOOD)
    assert import_("code,name,main_url,username,password,maker\nC1,,,,,Acme\n") == ImportReport(changed=1)
    camera = cameras.list_cameras(session, Scope([origin.center_id]))[0]
    assert (camera.name, camera.maker, camera.streams[0].url) == ("Gate", "Acme", "rtsp://10.0.0.1/main")
    assert credentials.find(session, keyring, camera.id) == Login("viewer", "hunter2")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_spreadsheets_of_china_are_read(import_: Import, session: Session, origin: Origin, encoding: str) -> None:
    content = "code,name,main_url,disabled\r\nC1,东门（北）,rtsp://10.0.0.1/main,是\r\n".encode(encoding)
    assert import_(content).created == 1
    camera = cameras.list_cameras(session, Scope([origin.center_id]))[0]
    assert (camera.name, camera.disabled) == ("东门（北）", True)


def test_bad_rows_are_told_with_row_column_what_and_mend(import_: Import, session: Session, origin: Origin) -> None:
    report = import_(
        "code,name,center,latitude,longitude,main_url,disabled\n"
        "C1,Gate,,39.9,116.4,rtsp://10.0.0.1/main,\n"
        ",Nameless,,,,rtsp://10.0.0.2/main,\n"
        "\n"
        "C3,,,,,ftp://admin:hunter2@10.0.0.3/,\n"
        "C4,Gate,990000,,,rtsp://10.0.0.4/main,\n"
        "C5,Gate,,north,,rtsp://10.0.0.5/main,\n"
        "C6,Gate,,,,rtsp://10.0.0.6/main,maybe\n"
        "C1,Twice,,,,rtsp://10.0.0.1/main,\n"
    )
    assert [(problem.row, problem.column) for problem in report.problems] == [
        (3, "code"),
        (5, "main_url"),
        (6, "center"),
        (7, "latitude"),
        (8, "disabled"),
        (9, "code"),
    ]
    assert all(problem.what and problem.mend for problem in report.problems)
    assert "hunter2" not in repr(report)
    assert (report.created, report.refused) == (1, 6)
    assert [camera.code for camera in cameras.list_cameras(session, Scope([origin.center_id]))] == ["C1"]


def test_a_position_is_kept_in_wgs84_whatever_it_comes_in(import_: Import, session: Session, origin: Origin) -> None:
    head = "code,name,main_url,latitude,longitude,datum\n"
    assert import_(f"{head}C1,Gate,rtsp://10.0.0.1/main,39.9133454,116.3840472,gcj02\n").created == 1
    camera = cameras.list_cameras(session, Scope([origin.center_id]))[0]
    assert (camera.latitude, camera.longitude) == pytest.approx((39.911954, 116.377817), abs=1e-6)
    assert import_(f"{head}C1,,,39.911954,116.377817,wgs84\n").changed == 1


def test_positions_that_cannot_be_are_told(import_: Import) -> None:
    report = import_(
        "code,name,main_url,latitude,longitude,datum\n"
        "C1,Gate,rtsp://10.0.0.1/main,116.4,39.9,\n"
        "C2,Gate,rtsp://10.0.0.2/main,87.6,43.8,\n"
        "C3,Gate,rtsp://10.0.0.3/main,39.9,116.4,bd09\n"
        "C4,Gate,rtsp://10.0.0.4/main,,,gcj02\n"
    )
    assert [(problem.row, problem.column) for problem in report.problems] == [
        (2, "latitude"),
        (3, "latitude"),
        (4, "datum"),
        (5, "datum"),
    ]
    assert "swapped" in report.problems[0].what


def test_a_row_names_a_center_below(import_: Import, session: Session, clock: ManualClock, origin: Origin) -> None:
    row = "code,name,center,main_url\nC1,Gate,110101,rtsp://10.0.0.1/main\n"
    below = centers.add(session, clock, node="n", code="110101", name="West", level="station", actor="test")
    assert [problem.column for problem in import_(row).problems] == ["center"]
    below.parent_id = origin.center_id
    session.flush()
    assert import_(row).created == 1
    assert [camera.code for camera in cameras.list_cameras(session, Scope([below.id]))] == ["C1"]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"", "row 1"),
        (b"name\nx\n", "row 1"),
        (b"code,nmae\nC1,x\n", "row 1"),
        (b"code,code\nC1,x\n", "row 1"),
        (b'code,name\nC1,"open\n', "row 2"),
        (b"code,name\nC1,a,b\n", "row 2"),
        (b"\xff\xfe\x00\x80", None),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(import_: Import, content: bytes, where: str | None) -> None:
    with pytest.raises(InvalidInput) as caught:
        import_(content)
    assert caught.value.where == where


def test_a_row_is_one_entry_of_the_trail_whatever_its_columns(import_: Import, session: Session) -> None:
    rows = "".join(f"C{n},Gate,rtsp://10.0.0.{n}/main,u,SN-{n},udp,7\n" for n in range(1, 4))
    assert import_(f"code,name,main_url,username,serial,transport,retention_days\n{rows}").created == 3
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "cli:camera:add").order_by(AuditEntry.seq))
    assert [(entry.detail["code"], len(entry.detail["changed"])) for entry in entries] == [
        ("C1", 6), ("C2", 6), ("C3", 6),
    ]  # fmt: skip
    assert audit_check.verify(session).fault is None
    (stream_id,) = set(session.scalars(select(OutboxEvent.stream_id)))
    assert outbox.verify(session, stream_id) is None


def test_more_rows_than_a_chunk_are_saved_and_found_again(import_: Import) -> None:
    head = "code,name,main_url\n"
    rows = "".join(f"C{n},Gate {n},rtsp://10.0.0.1/{n}\n" for n in range(1_201))
    assert import_(head + rows) == ImportReport(created=1_201)
    assert import_(head + rows.replace("Gate 1200,", "Door,") + "C3,Twice,\n") == ImportReport(
        changed=1,
        unchanged=1_200,
        problems=[RowProblem(1_203, "code", "row 5 names this camera already.", "Keep one of the rows.")],
    )


def test_an_id_that_stands_twice_is_told(import_: Import) -> None:
    head = "code,name,main_url,gb28181_id\n"
    rows = "".join(f"C{n},Gate,rtsp://10.0.0.{n}/m,1100000000132000000{n // 2}\n" for n in range(2, 5))
    report = import_(head + rows)
    assert (report.created, [(problem.row, problem.column) for problem in report.problems]) == (2, [(3, "gb28181_id")])
    assert import_("code,gb28181_id\nC2,-\nC4,11000000001320000001\n").changed == 2


def test_a_near_column_is_suggested(import_: Import) -> None:
    with pytest.raises(InvalidInput, match="Did you mean main_url"):
        import_("code,main-url\n")


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda tail: b"code,name,main_url,latitude\n" + tail))
def test_any_bytes_are_reported_or_refused(import_: Import, content: bytes) -> None:
    try:
        report = import_(content)
    except InvalidInput:
        return
    assert all(problem.row > 1 and problem.mend for problem in report.problems)


cell = st.text(max_size=12) | st.sampled_from(["C1", "-", "=1", "'-", "rtsp://h/", "rtsp://u:p@h/", "1", "yes"])


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, cell)), max_size=4))
def test_every_row_is_counted_once(import_: Import, rows: list[dict[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    try:
        report = import_(text.getvalue().encode(errors="replace"))
    except InvalidInput:
        return  # a lone carriage return and the like
    filled = sum(any(cell.strip() for cell in row.values()) for row in rows)
    assert report.created + report.changed + report.unchanged + report.refused == filled
