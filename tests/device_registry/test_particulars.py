from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from device_registry import cameras, centers, particulars
from device_registry.camera_fields import CameraFields, InvalidCamera
from device_registry.models import Camera
from device_registry.recording import RetentionLimits
from device_registry.tables.exporting import table_of, template
from device_registry.tables.importing import COLUMNS, ImportReport, import_cameras
from foundation.audit import AuditEntry
from foundation.clock import ManualClock
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.scope import Scope

KEPT = {
    "onvif_url": "http://10.0.0.7/onvif/device_service",
    "serial": "SN-7", "firmware": "V5.7.3", "mac": "00:1a:2b:3c:4d:5e", "gb28181_id": "11010101001320000101",
    "address": "东街 1 号", "height_m": 6.5, "azimuth_deg": 270.0, "tilt_deg": -5.0, "fov_deg": 90.0, "range_m": 80.0,
    "watched_area": "East gate", "type": "dome", "owner": "City", "managing_unit": "Roads", "contact": "Li, 555-0100",
    "installed_on": "2026-01-31", "purpose": "theft at the gate", "purpose_review_on": "2027-01-31",
    "sign_evidence": "sign at the gate, photo 12",
}  # fmt: skip
Import = Callable[[bytes | str], ImportReport]


@pytest.fixture
def import_(session: Session, keyring: Keyring, clock: ManualClock, origin: Origin) -> Import:
    def import_(content: bytes | str) -> ImportReport:
        data = content.encode() if isinstance(content, str) else content
        return import_cameras(session, keyring, clock, origin, data, actor="cli:test", limits=RetentionLimits(1, 365))

    return import_


def table(**columns: object) -> str:
    row = {"code": "C1", "name": "Gate", "main_url": "rtsp://10.0.0.1/main"} | columns
    text = io.StringIO()
    writer = csv.DictWriter(text, row)
    writer.writeheader()
    writer.writerow(row)
    return text.getvalue()


def only(session: Session) -> Camera:
    return session.scalars(select(Camera)).one()


def test_what_technicians_keep_is_imported(import_: Import, session: Session) -> None:
    assert set(KEPT) == set(particulars.FIELDS)
    report = import_(table(**KEPT | {"mac": "00-1A-2B-3C-4D-5E"}))
    assert report == ImportReport(created=1)
    assert {name: getattr(only(session), name) for name in KEPT} == KEPT
    assert import_(table(**KEPT)) == ImportReport(unchanged=1)


def test_a_hyphen_clears_and_an_empty_cell_keeps(import_: Import, session: Session) -> None:
    import_(table(serial="SN-7", owner="City", maker="Acme", latitude=39.9, longitude=116.4, retention_days=7))
    cleared = table(serial="-", owner="", maker="-", latitude="-", longitude="-", retention_days="-")
    assert import_(cleared) == ImportReport(changed=1)
    camera = only(session)
    assert (camera.serial, camera.owner, camera.maker, camera.latitude, camera.longitude, camera.retention_days) == (
        None, "City", None, None, None, None,
    )  # fmt: skip


def test_the_audit_trail_keeps_before_and_after(import_: Import, session: Session) -> None:
    import_(table(serial="SN-7"))
    import_(table(serial="SN-8"))
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert (entry.subject, entry.detail["changed"]) == (only(session).id, {"serial": {"from": "SN-7", "to": "SN-8"}})


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("mac", "00:1a:2b"),
        ("onvif_url", "rtsp://10.0.0.7/"), ("onvif_url", "http://a:b@10.0.0.7"), ("onvif_url", "http://10.0.0.7:99999"),
        ("gb28181_id", "1.10101E+19"), ("gb28181_id", "１" * 20), ("height_m", "high"),
        ("height_m", "nan"), ("azimuth_deg", "361"), ("tilt_deg", "-91"), ("fov_deg", "0"), ("range_m", "inf"),
        ("installed_on", "31.01.2026"), ("purpose_review_on", "2026-02-30"), ("serial", "x" * 101),
        ("owner", "a\x1b[2J"), ("serial", "=HYPERLINK(1)"), ("name", "-"), ("main_url", "-"), ("sub_url", "-"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_told_and_nothing_of_its_row_is_saved(
    import_: Import, session: Session, column: str, cell: str
) -> None:
    report = import_(table(**{column: cell}))
    assert [(problem.row, problem.column) for problem in report.problems] == [(2, column)]
    assert report.problems[0].mend
    assert session.scalars(select(Camera)).all() == []


def test_half_of_a_position_is_not_cleared(import_: Import, session: Session) -> None:
    import_(table(latitude=39.9, longitude=116.4))
    assert [problem.column for problem in import_(table(latitude="-")).problems] == ["latitude"]
    assert only(session).latitude == 39.9


def test_an_export_imports_to_the_same(import_: Import, session: Session, clock: ManualClock, origin: Origin) -> None:
    below = centers.add(session, clock, node="n", code="110101", name="West", level="station", actor="test")
    below.parent_id = origin.center_id
    session.flush()
    import_(table(**KEPT, center="110101", latitude=-1.5, longitude=-0.25, disabled="yes", transport="udp",
                  sub_url="rtsp://10.0.0.1/sub", username="viewer", password="hunter2", retention_days=7))  # fmt: skip
    exported = table_of(session, Scope([origin.center_id, below.id]))
    assert b"hunter2" not in exported
    assert b"viewer" not in exported
    assert import_(exported) == ImportReport(unchanged=1)
    assert table_of(session, Scope([origin.center_id])).count(b"\n") == 1


@given(st.text(st.sampled_from("=+-@'a1 "), min_size=1, max_size=6).filter(lambda text: text == text.strip()))
def test_any_name_comes_back_and_no_spreadsheet_computes_it(
    import_: Import, session: Session, keyring: Keyring, clock: ManualClock, origin: Origin, name: str
) -> None:
    fields = CameraFields(code="C1", name=name, main_url="rtsp://10.0.0.1/main")
    cameras.save(session, keyring, clock, origin, fields, actor="cli:test")
    exported = table_of(session, Scope([origin.center_id]))
    row = next(csv.DictReader(io.StringIO(exported.decode("utf-8-sig"))))
    assert not row["name"].startswith(("=", "+", "-", "@"))
    assert import_(exported) == ImportReport(unchanged=1)


def test_the_template_has_every_column_and_imports_nothing(import_: Import) -> None:
    assert template().decode("utf-8-sig").strip().split(",") == list(COLUMNS)
    assert import_(template()) == ImportReport()


@given(st.dictionaries(st.sampled_from(particulars.FIELDS), st.text(max_size=30)))
def test_any_text_is_kept_or_refused(texts: dict[str, str]) -> None:
    try:
        kept = particulars.parsed("C1", texts)
    except InvalidCamera:
        return
    assert set(kept) == set(texts)
