from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from foundation.errors import FileMissing, InvalidInput
from matching.record_files.opening import open_records
from matching.record_files.record_file import Row

HEADER = "record_id,name,date_of_birth\n"


def read(path: Path, *, partial: bool = False, extra: tuple[str, ...] = ()) -> list[Row]:
    with open_records(path, partial=partial, extra=extra) as file:
        return list(file.rows())


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_rows_are_read_in_each_encoding_that_is_known(tmp_path: Path, encoding: str, mark: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((mark + HEADER + '\nR-1,"张,晓明",１９８４-０３-０５\n\n').encode(encoding))
    assert read(path) == [Row({"record_id": "R-1", "name": "张,晓明", "date_of_birth": "１９８４-０３-０５"}, 3, ())]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "row 1: there is no column record_id"),
        (b"name\nx\n", "row 1: there is no column record_id"),
        (b"record_id,name,name\n", "row 1: the column name is named twice"),
        (b"record_id," + b"x" * 9999, "row 1: a column's name has 9999 characters"),
        (b"record_id,a\x1b[31m\n", "row 1: a control character stands in a column's name"),
        (b"record_id," + b",".join(b"c%d" % at for at in range(1_000_000)), "row 1: 1000001 columns are named"),
        (HEADER.encode() + b"R-1,x,1984\n" + b"x," * 1_000_000, "row 3, column date_of_birth: 1000001 cells under 3"),
        (b'record_id\n"' + b"x\n" * (9 << 20), "line 2: a row of more than 16777216 characters begins"),
        (HEADER.encode() + b"R-1,x,1984\nR-2,x\n", "row 3, column name: 2 cells under 3 columns"),
        (HEADER.encode() + b"R-1,x,1984-02-30\n", "row 2, column date_of_birth: '1984-02-30' is "),
        (HEADER.encode() + b"R-1,x\x1b[31m,1984\n", "row 2, column name: a control character"),
        (HEADER.encode() + b"R-1,x\xc2\x9b31m,1984\n", "row 2, column name: a control character"),
        (HEADER.encode() + b"R-1," + b"x" * 5000 + b",1984\n", "row 2, column name: 5000 characters"),
        (HEADER.encode() + b",x,1984\n", "row 2, column record_id: is empty"),
        (HEADER.encode() + b"R-1," + b"x" * 10_000_000 + b",1984\n", "row 2, column name: 10000000 characters"),
        (HEADER.encode() + b'R-1,"x"y,1984\n', "line 2: not readable as CSV"),
        (b"\xff\xfe\x00\x01" * 9, "the file is UTF-16. Export the file as UTF-8."),
        (HEADER.encode("utf-16-be"), "row 1: a control character stands in a column's name"),
        (b"\xff\x00\x01" * 9, "the file is neither UTF-8 nor GB 18030"),
    ],
    ids=lambda it: it.replace(" ", "_")[:40] if isinstance(it, str) else "",
)
def test_what_is_wrong_is_told_with_row_and_column(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as refusal:
        read(path)
    assert told in str(refusal.value)
    assert str(path) in str(refusal.value)


def test_bad_rows_can_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + f"R-1,{'x' * 200_000},\nR-2,y,1984\n" + "R-3\n" * 30)
    with open_records(path, partial=True) as file:
        for _ in range(2):  # each reading begins anew
            assert [it.raw["record_id"] for it in file.references()] == ["R-2"]
            assert file.refused == 31
            assert [it.row for it in file.first_refused] == [2, *range(4, 23)]


def test_further_columns_are_handed_out_beside_the_record(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("cluster,record_id,shoe,phone\n 7 ,R-1,42,\n,R-2,43,13900001234\n")
    assert [it.extra for it in read(path, extra=("phone", "cluster"))] == [("", "7"), ("13900001234", "")]
    with open_records(path, partial=False, extra=("cluster",)) as file:
        assert file.ignored_columns == ["shoe"]
    with pytest.raises(InvalidInput, match="row 1: there is no column house"):
        read(path, extra=("house",))


def test_a_file_that_changes_meanwhile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "R-1,x,1984\n")
    with open_records(path, partial=False) as file:
        rows = file.rows()
        next(rows)
        path.write_text(HEADER + "R-2,y,1984\n" * 2)
        with pytest.raises(InvalidInput, match="changed while it was read"):
            list(rows)


def test_a_file_that_another_takes_the_place_of_is_read_to_its_end(tmp_path: Path) -> None:
    path, other = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text(HEADER + "R-1,x,1984\n" * 3)
    other.write_text(HEADER)
    with open_records(path, partial=False) as file:
        rows = file.rows()
        next(rows)
        other.replace(path)
        assert len(list(rows)) == 2


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileMissing, match="no such file"):
        read(tmp_path / "none.csv")
    with pytest.raises(InvalidInput, match="cannot be read: Is a directory"):
        read(tmp_path)
    reader, writer = os.pipe()
    os.write(writer, HEADER.encode())
    os.close(writer)
    with pytest.raises(InvalidInput, match="a pipe cannot be read twice"):
        read(Path(f"/dev/fd/{reader}"))
    os.close(reader)


@given(st.binary(max_size=300), st.booleans())
@example(b"record_id\n\x80", True)
@example("record_id\n\u2028\n".encode(), False)
def test_any_bytes_are_rows_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes, partial: bool) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.csv"
    path.write_bytes(b"record_id,name,date_of_birth,plate\n" + content)
    try:
        rows = read(path, partial=partial)
    except InvalidInput:
        return
    assert all(it.raw["record_id"] for it in rows)
