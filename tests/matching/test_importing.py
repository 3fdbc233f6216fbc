from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from foundation.audit import AuditEntry
from foundation.database import reading, transaction
from foundation.errors import FileMissing, InvalidInput
from matching.models import KeyPerson, RecordVersion, ReferenceRecord

Kit = Any


def persons(kit: Kit) -> dict[str, KeyPerson]:
    with reading(kit.core) as session:
        return {person.source_record: person for person in session.scalars(select(KeyPerson))}


def version(kit: Kit, name: str) -> int:
    with reading(kit.core) as session:
        return session.scalar(select(RecordVersion.version).where(RecordVersion.name == name)) or 0


def test_a_good_row_is_listed_with_its_ground_and_audited(kit: Kit) -> None:
    report = kit.list(kit.li)
    assert (report.written, report.added, report.refused) == (True, 1, [])
    person = persons(kit)["W-1"]
    assert (person.list_name, person.ground, person.issuer) == ("wanted", "arrest_warrant", "示范市公安局")
    assert (person.center_id, person.node, person.imported_by) == ("center-a", "node-1", "cli:test")
    with reading(kit.core) as session:
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject, entry.detail["added"]) == ("cli:list:import", "wanted", 1)


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"ground": ""}, "ground", "is empty"),
        ({"ground": "petitioning"}, "ground", "is no ground of the list wanted"),
        ({"ground": "missing_child"}, "ground", "is no ground of the list wanted"),
        ({"issuer": " "}, "issuer", "is empty"),
        ({"instrument": "-"}, "instrument", "is empty"),
        ({"action": ""}, "action", "is empty"),
        ({"issued_on": ""}, "issued_on", "is empty"),
        ({"issued_on": "2026-13-01"}, "issued_on", "does not exist"),
        ({"issued_on": "2027-01-01"}, "issued_on", "is still to come"),
        ({"issued_on": "2026"}, "issued_on", "is not a full date"),
        ({"review_on": ""}, "review_on", "is empty"),
        ({"review_on": "2030-01-01"}, "review_on", "is not between"),
        ({"expires_on": ""}, "expires_on", "is empty"),
        ({"expires_on": "2099-01-01"}, "expires_on", "is beyond the longest validity"),
        ({"expires_on": "2025-01-01"}, "expires_on", "is before the issue"),
        ({"record_id": ""}, "record_id", "is empty"),
        ({"name": "", "id_number": ""}, "name", "nothing says who"),
        ({"date_of_birth": "soon"}, "date_of_birth", "is not a date"),
        ({"sex": "x"}, "sex", "is not understood"),
        ({"height_cm": "tall"}, "height_cm", "is not a height"),
        ({"plate_colour": "pink"}, "plate_colour", "is not understood"),
        ({"withdrawn_on": "2026"}, "withdrawn_on", "is not a full date"),
        ({"issuer": "x" * 300}, "issuer", "300 characters"),
        ({"name": "a\x07b"}, "name", "control character"),
    ],
)
def test_a_row_without_its_legal_basis_is_refused_with_row_column_reason_and_mend(
    kit: Kit, changes: dict[str, str], column: str, reason: str
) -> None:
    report = kit.list({**kit.li, "record_id": "W-0", "name": "王芳"}, {**kit.li, **changes})
    (refusal,) = report.refused
    assert (refusal.row, refusal.column) == (3, column)
    assert reason in refusal.reason
    assert refusal.mend
    assert not report.written
    assert persons(kit) == {}


def test_partial_takes_the_good_rows(kit: Kit) -> None:
    report = kit.list(kit.li, {**kit.li, "record_id": "W-2", "ground": "x"}, {**kit.li, "record_id": ""}, partial=True)
    assert (report.written, report.rows, report.added, len(report.refused)) == (True, 3, 1, 2)
    assert set(persons(kit)) == {"W-1"}


def test_a_record_that_stands_twice_in_a_file_is_refused(kit: Kit) -> None:
    report = kit.list(kit.li, kit.li)
    assert [(refusal.row, refusal.column) for refusal in report.refused] == [(3, "record_id")]


def test_importing_again_changes_only_what_changed(kit: Kit) -> None:
    other = {**kit.li, "record_id": "W-2"}
    kit.list(kit.li, other)
    first = version(kit, "lists")
    again = kit.list(kit.li, other)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    assert version(kit, "lists") == first
    changed = kit.list(kit.li, {**other, "phone": "13700000000"})
    assert (changed.added, changed.changed, changed.unchanged) == (0, 1, 1)
    assert persons(kit)["W-2"].phone == "13700000000"
    assert version(kit, "lists") == first + 1


def test_a_number_that_fails_its_check_is_taken_and_named(kit: Kit) -> None:
    report = kit.list({**kit.li, "id_number": "110101198403051011"})
    assert report.written
    assert [(doubt.row, doubt.column) for doubt in report.doubtful] == [(2, "id_number")]


def test_references(kit: Kit) -> None:
    good = {"record_id": "V-1", "plate": "京A12345"}
    report = kit.refer(good, {"record_id": "V-2", "make": "BYD"}, database="stolen_vehicles")
    assert [(refusal.row, refusal.column) for refusal in report.refused] == [(3, "plate")]
    assert not report.written
    assert kit.refer(good, database="stolen_vehicles").added == 1
    with reading(kit.core) as session:
        assert session.scalar(select(func.count()).select_from(ReferenceRecord)) == 1
    assert (version(kit, "references"), version(kit, "lists")) == (1, 0)


def test_an_agencys_columns_and_encoding(kit: Kit) -> None:
    kit.catalogue = kit.catalogue.model_copy(deep=True)
    kit.catalogue.lists["wanted"].columns["name"] = "姓名"
    row = {**kit.listing, "record_id": "W-9", "姓名": "李晓明", "民族": "无关"}
    file = kit.file([row])
    file.write_bytes(file.read_text(encoding="utf-8").encode("gb18030"))
    report = kit.list_file(file)
    assert report.added == 1
    assert report.ignored_columns == ["民族"]
    assert persons(kit)["W-9"].name == "李晓明"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the header lacks record_id, ground"),
        (b"record_id,name\n1,2\n", "the header lacks ground"),
        (b"record_id,record_id\n", "the header lacks"),
        (b'record_id,"a\nb', "not readable as CSV"),
        (b"\xff\xff\xff", "neither UTF-8 nor GB 18030"),
    ],
)
def test_a_file_that_is_no_list(kit: Kit, content: bytes, said: str) -> None:
    file = kit.folder / "bad.csv"
    file.write_bytes(content)
    with pytest.raises(InvalidInput, match=said):
        kit.list_file(file)


def test_a_file_that_is_not_there(kit: Kit) -> None:
    with pytest.raises(FileMissing):
        kit.list_file(kit.folder / "no.csv")


def test_a_row_of_another_length_is_refused(kit: Kit) -> None:
    file = kit.file([{**kit.listing, **kit.li}])
    file.write_text(file.read_text(encoding="utf-8") + "a,b\n", encoding="utf-8")
    report = kit.list_file(file)
    assert [(refusal.row, refusal.column) for refusal in report.refused] == [(3, "-")]


CELL = st.text(max_size=12) | st.sampled_from(["2026-01-01", "arrest_warrant", "2027-12-31", "W-1", '"', ","])
COLUMNS = ["record_id", "name", "ground", "issuer", "instrument", "issued_on", "action", "review_on", "expires_on"]


@given(rows=st.lists(st.lists(CELL, min_size=9, max_size=9), max_size=5), tail=st.binary(max_size=30))
def test_whatever_stands_in_a_file_nobody_is_listed_without_a_basis(
    kit: Kit, rows: list[list[str]], tail: bytes
) -> None:
    file = kit.file([dict(zip(COLUMNS, row, strict=True)) for row in rows] or [dict.fromkeys(COLUMNS, "")])
    file.write_bytes(file.read_bytes().replace(b"\x00", b"") + tail)
    with transaction(kit.core) as session:
        session.query(KeyPerson).delete()
    try:
        report = kit.list_file(file, partial=True)
    except InvalidInput:
        return
    listed = persons(kit)
    assert len(listed) == report.added
    for person in listed.values():
        assert person.ground == "arrest_warrant"
        assert person.issuer
        assert person.instrument
        assert person.issued_on <= person.review_on <= person.expires_on


def test_imports_of_the_same_records_at_once_take_turns(kit: Kit) -> None:
    rows = [{**kit.listing, **kit.li, "record_id": f"W-{number}"} for number in range(50)]
    file = kit.file(rows)
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: kit.list_file(file), range(4)))
    assert sorted(report.added for report in reports) == [0, 0, 0, 50]
    assert len(persons(kit)) == 50
