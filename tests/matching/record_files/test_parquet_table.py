"""The same records out of Parquet, whatever types its writer chose; damage is told and never believed."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import InvalidInput
from matching.record_files.opening import open_records
from matching.record_files.record_file import Row

IDS = [f"R-{at}" for at in range(4)]


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, **options)
    return out.getvalue()


def read(path: Path, content: bytes, *, partial: bool = False, extra: tuple[str, ...] = ()) -> list[Row]:
    path.write_bytes(content)
    with open_records(path, partial=partial, extra=extra) as file:
        return list(file.rows())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.parquet"


NOON = dt.datetime(1984, 3, 5, 12, 0, tzinfo=dt.UTC)
AS_TEXTS = {
    "text": (pa.array([" 张晓明 ", None, "", "=1+1"]), ["张晓明", "", "", "=1+1"]),
    "large text": (pa.array(["a", None, "b", "a"], pa.large_string()), ["a", "", "b", "a"]),
    "viewed text": (pa.array(["a", None, "b", "a"], pa.string_view()), ["a", "", "b", "a"]),
    "categories": (pa.array(["a", None, "b", "a"]).dictionary_encode(), ["a", "", "b", "a"]),
    "whole numbers": (pa.array([13900001234, None, -1, 0]), ["13900001234", "", "-1", "0"]),
    "large whole numbers": (pa.array([2**64 - 1, None, 0, 1], pa.uint64()), [str(2**64 - 1), "", "0", "1"]),
    "numbers": (pa.array([13900001234.0, None, float("nan"), 1.5]), ["13900001234", "", "", "1.5"]),
    "short numbers": (pa.array([1, None, 0.5, 1e-7], pa.float32()), ["1", "", "0.5", "0.00000010000000116860974"]),
    "decimals": (
        pa.array([Decimal("110101198403051234.00"), None, Decimal("100.50"), Decimal(100)], pa.decimal128(30, 2)),
        ["110101198403051234", "", "100.5", "100"],
    ),
    "days": (pa.array([dt.date(1984, 3, 5), None, dt.date(1, 1, 1), dt.date(9999, 12, 31)]), None),
    "moments": (
        pa.array([dt.datetime(1984, 3, 5, tzinfo=dt.UTC), None, NOON, NOON], pa.timestamp("ns")),
        ["1984-03-05", ""],
    ),
    "moments in a zone": (
        pa.array([dt.datetime(1984, 3, 4, 16, tzinfo=dt.UTC), None, NOON, NOON], pa.timestamp("us", "Asia/Shanghai")),
        ["1984-03-05", ""],
    ),
    "truth": (pa.array([True, None, False, True]), ["true", "", "false", "true"]),
    "identifiers": (pa.array([UUID(int=1).bytes, None, None, None], pa.uuid()), [str(UUID(int=1)), "", "", ""]),
    "nothing": (pa.nulls(4), [""] * 4),
}


@pytest.mark.parametrize("kind", AS_TEXTS)
def test_any_scalar_is_read_as_a_csv_file_would_have_it(path: Path, kind: str) -> None:
    column, expected = AS_TEXTS[kind]
    expected = expected or ["1984-03-05", "", "0001-01-01", "9999-12-31"]
    rows = read(path, parquet({"seen": column, "record_id": IDS, "shoe": [{"size": 42}] * 4}), extra=("seen",))
    assert [it.extra[0] for it in rows][: len(expected)] == expected
    assert [(it.row, it.raw) for it in rows] == [(at, {"record_id": it}) for at, it in enumerate(IDS, 1)]


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"name": IDS}, "footer: there is no column record_id"),
        ({"record_id": IDS, "name": [b"x"] * 4}, "column name: values of type binary are not read"),
        ({"record_id": IDS, "name": [["x"]] * 4}, "column name: values of type list<"),
        ({"record_id": IDS, "name": [{"x": 1}] * 4}, "column name: values of type struct<"),
        ({"record_id": IDS, "date_of_birth": ["1984", "1984-02-30", "", ""]}, "row 2, column date_of_birth: '1984-02"),
        ({"record_id": IDS, "id_number": [1.0, 1.1e17, 1.0, 1.0]}, "row 2, column id_number: a number too large to"),
        ({"record_id": IDS, "phone": [1.0, float("inf"), 1.0, 1.0]}, "row 2, column phone: a number too large to"),
        ({"record_id": IDS, "name": ["", "", "x\x1b[31m", ""]}, "row 3, column name: a control character"),
        ({"record_id": ["R-0", None]}, "row 2, column record_id: is empty"),
        ({"record_id": IDS, "name": ["x" * 5000] * 4}, "row 1, column name: 5000 characters"),
        ({"record_id": IDS, "name": ["x", "x" * 10_000_000] * 2}, "row 2, column name: 10000000 bytes of text"),
        (
            {"record_id": IDS, "date_of_birth": pa.array([2**60] * 4, pa.timestamp("ms"))},
            "row 1, column date_of_birth: '<value",
        ),
        ({"record_id": IDS} | {f"c{at}": IDS for at in range(1000)}, "footer: 1001 columns are named"),
    ],
    ids=lambda it: it.replace(" ", "_")[:40] if isinstance(it, str) else "",
)
def test_what_is_wrong_is_told_with_row_and_column(path: Path, columns: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read(path, parquet(columns))
    assert f"{path}, {told}" in str(refusal.value)


def test_a_file_of_no_rows_has_none(path: Path) -> None:
    assert read(path, parquet({"record_id": pa.array([], pa.string())})) == []


def test_bad_rows_can_be_left_out(path: Path) -> None:
    path.write_bytes(parquet({"record_id": [*IDS, None], "id_number": [1.0, 1e17, None, 1e17, 2.0]}))
    with open_records(path, partial=True) as file:
        for _ in range(2):  # each reading begins anew
            assert [it.raw["record_id"] for it in file.rows()] == ["R-0", "R-2"]
            assert [it.row for it in file.first_refused] == [2, 4, 5]
            assert file.done_bytes == file.bytes


def test_a_long_text_in_all_rows_costs_the_memory_of_one(path: Path) -> None:
    """A dictionary page holds it once: 20 GB in rows are a file of some kilobytes."""
    rows = 20_000
    names = pa.DictionaryArray.from_arrays(pa.array([0] * rows), ["x" * (1 << 20)])
    with pytest.raises(InvalidInput, match="row 1, column name: 1048576 bytes of text"):
        read(path, parquet({"record_id": [f"R-{at}" for at in range(rows)], "name": names}))
    assert path.stat().st_size < 1 << 20
    assert pa.default_memory_pool().max_memory() < 1 << 28


@pytest.mark.parametrize("encoding", ["PLAIN", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"])
def test_each_encoding_of_texts_is_read(path: Path, encoding: str) -> None:
    columns = {"record_id": [f"R-{at}" for at in range(200)], "name": ["Anna", None] * 100}
    encodings = dict.fromkeys(columns, encoding)
    rows = read(path, parquet(columns, use_dictionary=False, column_encoding=encodings, row_group_size=150))
    assert [it.raw["record_id"] for it in rows] == columns["record_id"]


def test_a_file_of_a_million_columns_is_refused_before_they_are_taken_in(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.record_files.parquet_table._MOST_PARTS", 100)
    with pytest.raises(InvalidInput, match=r"not readable as Parquet: .*size limit"):
        read(path, parquet({f"c{at}": IDS for at in range(200)}))
    monkeypatch.setattr("matching.record_files.parquet_table._LONGEST_FOOTER", 100)
    with pytest.raises(InvalidInput, match="description of its columns and row groups is too long"):
        read(path, parquet({"record_id": IDS}))


def test_a_row_group_that_is_too_large_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.record_files.parquet_table._LARGEST_ROW_GROUP", 100)
    with pytest.raises(InvalidInput, match="row group 2"):
        read(path, parquet({"record_id": ["a", "x" * 99]}, row_group_size=1))


def test_a_file_that_changes_meanwhile_is_refused(path: Path) -> None:
    content = parquet({"record_id": [f"R-{at}" for at in range(9_000)]})
    path.write_bytes(content)
    with open_records(path, partial=False) as file:
        rows = file.rows()
        next(rows)
        path.write_bytes(content[:3] + bytes(len(content)))
        with pytest.raises(InvalidInput, match="changed while it was read"):
            list(rows)


def test_a_file_cut_off_anywhere_is_refused(path: Path) -> None:
    content = parquet({"record_id": IDS})
    for end in range(4, len(content), 7):
        with pytest.raises(InvalidInput, match=r"cut off, or damaged|not readable as Parquet"):
            read(path, content[:end])


WHOLE = parquet(
    {
        "record_id": [f"R-{at}" for at in range(50)],
        "name": ["张晓明", "Anna", None, "x", "y"] * 10,
        "date_of_birth": pa.array([0, 1, 2, None, 4] * 10, pa.date32()),
        "phone": [13900001234.0, None] * 25,
    },
    row_group_size=20,
)


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=5), st.booleans())
def test_any_damage_is_rows_or_refused(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, int]], partial: bool
) -> None:
    content = bytearray(WHOLE)
    for at, byte in damage:
        content[at] = byte
    path = tmp_path_factory.getbasetemp() / "fuzzed.parquet"
    try:
        rows = read(path, bytes(content), partial=partial)
    except InvalidInput:
        return
    assert all(it.raw["record_id"] for it in rows)


@given(st.binary(max_size=300), st.integers(0, 300))
def test_any_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes, footer: int) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.parquet"
    with pytest.raises(InvalidInput):
        read(path, b"PAR1" + content + footer.to_bytes(4, "little") + b"PAR1")
