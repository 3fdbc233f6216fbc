from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import FileMissing, InvalidInput
from matching.catalogue import to_mbits
from matching.judging.columns import Judgement, ToJudge, written
from matching.judging.drawing import Drawn
from matching.judging.judged_file import Judged, read_judged
from matching.judging.strata import Stratum

TOP, BOTTOM = Stratum(0.99, 1.0), Stratum(0.0, 0.0001)
PAIRS = [
    ToJudge(Drawn({"record_id": "=1", "name": "=李晓明"}, {"record_id": "R-1", "phone": "+1"}, 31_000, 20_000), TOP, 2),
    ToJudge(Drawn({"record_id": "2"}, {"record_id": "R-1", "name": "LI"}, -4_500, -15_500), BOTTOM, 90),
    ToJudge(Drawn({"record_id": "3"}, {"record_id": "R-3"}, 26_001, 15_001), TOP, 2),
]
FILE = written(PAIRS, "2-abc")
Rows = list[dict[str, str]]


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], Sequence[Judged]]:
    def of(content: bytes) -> Sequence[Judged]:
        path = tmp_path / "judged.csv"
        path.write_bytes(content)
        return read_judged(path)

    return of


def edited(change: Callable[[Rows], object], encoding: str = "utf-8") -> bytes:
    rows = list(csv.DictReader(io.StringIO(FILE.decode())))
    rows.sort(key=lambda row: row["record_id"])
    change(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def test_a_judge_sees_values_first_and_no_formula() -> None:
    rows = list(csv.reader(io.StringIO(FILE.decode())))
    assert rows[0] == [
        *("judgement", "record_id", "reference_id", "left_name", "right_name", "left_phone", "right_phone"),
        *("stratum", "stratum_pairs", "weight_bits", "odds_bits", "model"),
    ]
    (first,) = (row for row in rows if row[2] == "R-1" and row[4] == "")
    assert first[:7] == ["", "'=1", "R-1", "'=李晓明", "", "", "'+1"]
    assert first[7:] == ["0.99 to 1", "2", "31.000", "20.000", "2-abc"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("words", [("same", "Different ", "undecided"), ("同一", "不同", "无法判断"), ("同一", "", "")])
def test_judgements_are_read_as_spreadsheets_write_them(read, encoding: str, words: tuple[str, str, str]) -> None:
    content = edited(lambda rows: [row.update(judgement=word) for row, word in zip(rows, words, strict=True)], encoding)
    judged = read(content)
    expected = [Judgement.SAME, Judgement.DIFFERENT, Judgement.UNDECIDED] if words[1] else [Judgement.SAME, None, None]
    assert [it.judgement for it in judged] == expected
    assert judged[0] == Judged(2, Judgement.SAME, TOP, 2, 31_000, 20_000, "2-abc")
    assert [(it.stratum, it.weight_mbits) for it in judged[1:]] == [(BOTTOM, -4_500), (TOP, 26_001)]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"judgement": "maybe"}, "row 3, column judgement: 'maybe' is no judgement. Write same, different"),
        ({"stratum": "high"}, "row 3, column stratum: 'high' is no range"),
        ({"stratum": "0.9 to 1", "odds_bits": "20"}, "row 3, column stratum: 0.9 to 1 overlaps 0.99 to 1"),
        ({"stratum_pairs": "0"}, "row 3, column stratum_pairs: '0' is no number"),
        ({"stratum_pairs": "９"}, "row 3, column stratum_pairs"),
        ({"weight_bits": "nan"}, "row 3, column weight_bits: 'nan' is no number of bits"),
        ({"weight_bits": "1e5"}, "row 3, column weight_bits"),
        ({"odds_bits": "15"}, "row 3, column odds_bits: 15 is a probability outside 0 to 0.0001"),
        ({"model": ""}, "row 3, column model"),
        ({"model": "3"}, "row 3, column model: '3', where rows before have '2-abc'"),
        ({"record_id": "'=1"}, "row 3, column record_id: the pair stands in row 2 already"),
        ({"stratum": "0.99 to 1", "odds_bits": "20"}, "row 3, column stratum_pairs: 90, where rows before have 2"),
        (
            {"stratum": "0.99 to 1", "odds_bits": "20", "stratum_pairs": "2"},
            "row 4, column stratum_pairs: 2, and more rows than that",
        ),
    ],
    ids=lambda it: "-".join(it) if isinstance(it, dict) else "",
)
def test_what_was_not_written_so_is_told_by_row_and_column(read, changed: dict[str, str], told: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read(edited(lambda rows: rows[1].update(changed)))
    assert told in str(refusal.value)


def test_files_that_are_no_samples_are_refused(read, tmp_path: Path) -> None:
    for content, told in (
        (FILE.replace(b"stratum_pairs", b"pairs", 1), "column stratum_pairs: is missing"),
        (FILE.replace(b"left_name", b"model", 1), "column model: is named twice"),
        (FILE.splitlines()[0], "there is no pair"),
        (FILE + b"x,y\n", "row 5, column record_id: 2 cells under 12"),
        (b"", "column judgement: is missing"),
    ):
        with pytest.raises(InvalidInput, match=told):
            read(content)
    with pytest.raises(FileMissing):
        read_judged(tmp_path / "none.csv")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_judged(tmp_path)


@given(st.binary(max_size=200), st.integers(0, len(FILE)), st.integers(0, 20))
def test_any_bytes_are_read_or_refused(noise: bytes, at: int, over: int) -> None:
    with TemporaryDirectory() as folder:
        for number, content in enumerate((noise, FILE[:at] + noise + FILE[at + over :])):
            path = Path(folder) / str(number)
            path.write_bytes(content)
            try:
                rows = read_judged(path)
            except InvalidInput:
                continue
            assert all(it.stratum.holds(it.odds_mbits) for it in rows)


def test_a_file_of_very_many_strata_is_refused(read) -> None:
    header = FILE.splitlines()[0]
    rows = [f",{at},R,,,,,{at / 1000} to {(at + 1) / 1000},1,0,{bits(at / 1000 + 0.0005)},2" for at in range(1, 60)]
    with pytest.raises(InvalidInput, match="row 52, column stratum: 50 other ranges"):
        read(header + "\n".join(["", *rows]).encode())


def bits(probability: float) -> str:
    return f"{to_mbits(probability) / 1000:.3f}"
