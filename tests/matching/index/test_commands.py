"""The commands from a file of references to candidates, additions, withdrawals and a merged file."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import Result
from typer.testing import CliRunner

from foundation.errors import InvalidInput
from matching.index.commands import index_commands

Run = Callable[..., Result]
ANNA = {
    "record_id": "R-1",
    "name": "Anna Petersen",
    "date_of_birth": "1990-01-02",
    "phone": "13900001234",
    "document_number": "",
}
ZHANG = {
    "record_id": "R-2",
    "name": "张晓明",
    "date_of_birth": "1984-03-05",
    "phone": "",
    "document_number": "E41827755",
}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    app = index_commands()
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def write(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", newline="", encoding="gb18030") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def found(run: Run, *values: str) -> list[tuple[str, list[str]]]:
    told = json.loads(run("query", "it.index", "--json", *values).stdout)
    return [(it["reference"]["record_id"], it["keys"]) for it in told["candidates"]]


def test_from_a_file_to_candidates(run: Run, tmp_path: Path) -> None:
    references = write(tmp_path / "references.csv", {**ANNA, "shoe": "42"}, {**ZHANG, "shoe": ""})
    built = run("build", references, "--out", "it.index").stdout
    assert "References indexed: 2" in built
    assert "Columns that were not read: shoe." in built
    told = run("inspect", "it.index").stdout
    assert all(part in told for part in ("references.csv", "pinyin_birth_date", "normalising"))
    of_name = ["pinyin_birth_date", "name_birth_year", "name", "part_birth_date", "birth_date", "part"]
    assert found(run, "name=ZHANG Xiaoming", "date_of_birth=1984-03-05") == [("R-2", of_name)]
    assert found(run, "name=Peterson, Anna") == [("R-1", ["close_name", "part"])]
    assert found(run, "document_number=E41B27755") == [("R-2", ["confusable_number"])]
    table = run("query", "it.index", "phone=139 0000 1234", "name=Anna Petersen").stdout
    assert "R-1" in table
    assert "phone, name" in table

    more = write(tmp_path / "more.csv", {**ANNA, "record_id": "R-3"}, {**ZHANG, "phone": "13900001234"})
    run("add", "it.index", more)
    assert [at for at, _ in found(run, "phone=13900001234")] == ["R-1", "R-3", "R-2"]
    run("withdraw", "it.index", "R-1", "R-3")
    run("withdraw", "it.index", "R-2", "--on", "2999-01-01")
    assert found(run, "phone=13900001234") == [("R-2", ["phone"])]
    assert "References indexed: 1" in run("merge", "it.index").stdout
    assert found(run, "phone=13900001234") == [("R-2", ["phone"])]

    records = tmp_path / "records.parquet"
    pq.write_table(pa.Table.from_pylist([{**ZHANG, "record_id": "=L-1"}, {**ANNA, "record_id": "L-2"}]), records)
    assert "Records: 2, candidates: 2" in run("query", "it.index", "--records", records, "--out", "pairs.csv").stdout
    pairs = (tmp_path / "pairs.csv").read_text().splitlines()
    of_all = " ".join(["document_number", *of_name])
    assert pairs == ["record_id,reference_id,keys", f"'=L-1,R-2,{of_all}", "L-2,R-2,phone"]


def test_wrong_words_are_refused_and_leave_nothing(run: Run, tmp_path: Path) -> None:
    references = write(tmp_path / "references.csv", ANNA, {**ZHANG, "date_of_birth": "1984-02-30"})
    with pytest.raises(InvalidInput, match=r"row 3, column date_of_birth: '1984-02-30' is .* --partial"):
        run("build", references, "--out", "it.index")
    assert not (tmp_path / "it.index").exists()
    partial = run("build", references, "--out", "it.index", "--partial").stdout
    assert "Rows refused and left out: 1" in partial
    for words in (["colour=red"], ["name"], []):
        with pytest.raises(InvalidInput, match=r"names no column|nothing to look up"):
            run("query", "it.index", *words)
    with pytest.raises(InvalidInput, match="is not a day"):
        run("withdraw", "it.index", "R-1", "--on", "1984")
