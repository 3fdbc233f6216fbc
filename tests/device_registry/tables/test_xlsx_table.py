from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from device_registry.tables import xlsx_table
from device_registry.tables.camera_row import COLUMNS
from device_registry.tables.files import open_table
from device_registry.tables.rows import Table
from foundation.errors import InvalidInput


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook(*rows: Iterable[Any], more: Callable[[Workbook], None] | None = None) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    if more is not None:
        more(book)
    return saved(book)


def rewritten(content: bytes, change: Callable[[str, bytes], bytes | None], **added: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            changed = change(name, old.read(name))
            if changed is not None:
                new.writestr(name, changed)
        for name, data in added.items():
            new.writestr(name, data)
    return out.getvalue()


def table(content: bytes) -> Table:
    return open_table(content, None, {})


def problems(content: bytes) -> list[tuple[int, str, str]]:
    found = []
    for number, row in table(content).rows:
        if isinstance(row, list):
            found += [(number, each.column, each.what) for each in row]
            assert all(each.mend for each in row)
    return found


def test_cells_are_read_as_people_see_them() -> None:
    content = workbook(
        ["Code", " name ", "serial", "height_m", "installed_on", "disabled", "latitude", None],
        ["C1", " 东门 ", 1234, 4.5, date(2026, 1, 31), True, 39.9042, None],
        [],
        [1002, "=text"[1:], 7.0, 4, datetime(2026, 1, 31), "no", "-1.5"],  # noqa: DTZ001 - as a spreadsheet keeps it
    )
    read = table(content)
    assert list(read.rows) == [
        (2, {"code": "C1", "name": "东门", "serial": "1234", "height_m": "4.5", "installed_on": "2026-01-31",
             "disabled": "yes", "latitude": "39.9042"}),
        (4, {"code": "1002", "name": "text", "serial": "7", "height_m": "4", "installed_on": "2026-01-31",
             "disabled": "no", "latitude": "-1.5"}),
    ]  # fmt: skip
    assert read.notes == []


def test_what_a_spreadsheet_spoiled_is_told_by_cell() -> None:
    content = workbook(
        ["code", "name", "gb28181_id", "serial"],
        ["C1", "=A1", "", ""],
        ["C2", "", 11010101001320000101, ""],
        ["C3", "", "", datetime(2026, 1, 2)],  # noqa: DTZ001 - as a spreadsheet keeps it
        ["C4", "#N/A", "11010101001320000101", ""],
        ["C5", "", "", "", "beyond"],
    )
    found = [(number, column) for number, column, _ in problems(content)]
    assert found == [(2, "name"), (3, "gb28181_id"), (4, "serial"), (5, "name"), (6, "E")]
    assert "formula" in problems(content)[0][2]
    assert "rounded" in problems(content)[1][2]


def test_merged_cells_are_told_in_each_of_their_rows() -> None:
    def merge(book: Workbook) -> None:
        assert book.active is not None
        book.active.merge_cells("B2:B3")

    content = workbook(
        ["code", "center", "name"], ["C1", "110101", "a"], ["C2", None, "b"], ["C3", "", "c"], more=merge
    )
    assert [(number, column) for number, column, _ in problems(content)] == [(2, "center"), (3, "center")]
    assert [number for number, row in table(content).rows if isinstance(row, dict)] == [4]


def test_the_first_visible_sheet_with_the_header_is_read_and_the_others_are_told() -> None:
    def more(book: Workbook) -> None:
        hidden = book.create_sheet("old", 0)
        hidden.append(["code", "name"])
        hidden.sheet_state = "hidden"
        cameras = book.create_sheet("cameras")
        cameras.append([])
        cameras.append(["code", "name"])
        cameras.append(["C1", "Gate"])

    read = table(workbook(["about", "this"], more=more))
    assert list(read.rows) == [(3, {"code": "C1", "name": "Gate"})]
    assert [note.what for note in read.notes] == [
        "the hidden sheet 'old' was not read, only 'cameras'.",
        "the sheet 'Sheet' was not read, only 'cameras'.",
    ]


def test_macros_are_told_and_not_run() -> None:
    content = rewritten(workbook(["code"], ["C1"]), lambda _, data: data, **{"xl/vbaProject.bin": b"x"})
    assert ["macros" in note.what for note in table(content).notes] == [True]


BOMB = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 600, "encrypted"),
        (b"PK\x03\x04" + b"x" * 100, "damaged"),
        (workbook(["name"], ["Gate"]), "no visible sheet"),
        (workbook(["code", "nmae"], ["C1"]), "no column 'nmae'"),
        (workbook(["code", None, "name"], ["C1"]), "no column ''"),
        (rewritten(workbook(["code"]), lambda name, data: BOMB if "sheet1" in name else data), "document type"),
        (rewritten(workbook(["code"]),
                   lambda name, data: BOMB.decode().encode("utf-16") if "sheet1" in name else data), "document type"),
        (rewritten(workbook(["code"]), lambda name, data: data if "sheet1" not in name else None), "no visible"),
        (rewritten(workbook(["code"]), lambda name, data: b"<worksheet" if "sheet1" in name else data), "damaged"),
        (rewritten(workbook(["code"]), lambda _, data: data, **{"xl/styles.bin": bytes(65 << 20)}), "too much"),
        (rewritten(workbook(["code"]), lambda _, data: data, **{f"x{n}": b"" for n in range(1001)}), "too many parts"),
    ],
    ids=["encrypted", "no_zip", "no_header", "column", "hole", "entities", "entities_utf16", "no_sheet", "cut", "bomb",
         "parts"],
)  # fmt: skip
def test_a_workbook_that_cannot_be_read_is_refused_as_a_whole(content: bytes, what: str) -> None:
    with pytest.raises(InvalidInput, match=what) as caught:
        list(table(content).rows)
    assert caught.value.mend


def test_a_row_far_below_is_no_endless_table() -> None:
    far = rewritten(
        workbook(["code"], ["C1"]),
        lambda name, data: data.replace(b'r="2"', b'r="999999999"') if "sheet1" in name else data,
    )
    with pytest.raises(InvalidInput, match="more than 200,000 rows"):
        list(table(far).rows)


def test_what_is_written_is_read_again_and_holds_text() -> None:
    row = dict.fromkeys(COLUMNS, "") | {"code": "00123", "name": "'=1+1", "gb28181_id": "11010101001320000101"}
    row |= {"latitude": "39.9042", "height_m": "4.5", "maker": "-"}
    content = xlsx_table.write(COLUMNS, [list(row.values())])
    assert list(table(content).rows) == [(2, {name: text for name, text in row.items() if text})]
    assert list(table(xlsx_table.write(COLUMNS, [])).rows) == []


@given(st.binary(max_size=300), st.integers(0, 10_000), st.integers(0, 300))
def test_any_damaged_workbook_is_read_or_refused(put: bytes, at: int, taken: int) -> None:
    whole = workbook(["code", "name", "height_m"], ["C1", "Gate", 4.5], ["C2", "Door", 3])
    at %= len(whole)
    try:
        list(table(b"PK\x03\x04" + (whole[:at] + put + whole[at + taken :])[4:]).rows)
    except InvalidInput:
        return


@given(st.binary(max_size=200), st.integers(0, 2_000), st.integers(0, 60))
def test_any_damaged_sheet_is_read_or_refused(put: bytes, at: int, taken: int) -> None:
    def change(name: str, data: bytes) -> bytes:
        return data[: at % len(data)] + put + data[at % len(data) + taken :] if "sheet1" in name else data

    try:
        list(table(rewritten(workbook(["code", "name"], ["C1", "Gate"], ["C2", 7]), change)).rows)
    except InvalidInput:
        return


def test_a_cell_of_text_that_looks_like_a_formula_is_text() -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    cell = WriteOnlyCell(sheet, "=SUM(A1)")
    cell.data_type = "s"
    sheet.append(["code", "name"])
    sheet.append(["C1", cell])
    assert list(table(saved(book)).rows) == [(2, {"code": "C1", "name": "'=SUM(A1)"})]
