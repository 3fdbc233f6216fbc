"""`vedette match compare` on two files: what is found, written and told, and what is refused."""

from __future__ import annotations

import csv
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner, Result

from foundation.errors import Conflict, InvalidInput, VedetteError
from matching.index.store import one_writer
from matching.linking.batch import Batch, Part
from matching.linking.comparing import Comparison, compare
from tests.matching.linking.conftest import DAY, Files, write

Run = Callable[..., Result]


@pytest.fixture
def asked(files: Files, tmp_path: Path) -> Comparison:
    out = tmp_path / "hits.csv"
    return Comparison(files.records, files.references, out, 0.95, DAY, None, partial=False, explained=True, workers=1)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    from matching.commands import register

    monkeypatch.chdir(tmp_path)

    def invoke(*words: object) -> Result:
        import typer

        app = typer.Typer()
        register(app, lambda *_: pytest.fail("no center is needed"))
        return CliRunner().invoke(app, ["match", "compare", *map(str, words)])

    return invoke


def quiet(_what: str, _done: int, _of: int) -> None:
    pass


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def found(path: Path) -> set[tuple[str, str]]:
    return {(row["record_id"], row["reference_id"]) for row in rows(path)}


def test_the_planted_pairs_are_found_and_measured(run: Run, files: Files, tmp_path: Path) -> None:
    result = run(files.records, files.references, "--out", "hits.csv", "--truth", "whom", "--workers", 1)
    assert result.exit_code == 0, result.output
    assert found(tmp_path / "hits.csv") == files.pairs
    assert "Records: 120, references: 300" in result.stdout
    assert all(part in result.stdout for part in ("Hits: 60", "1.0000"))
    first = rows(tmp_path / "hits.csv")[0]
    assert list(first) == ["record_id", "reference_id", "probability", "weight_bits", "found_by", "levels"]
    assert 0.95 <= float(first["probability"]) <= 1
    assert "birth_date:" in first["levels"]
    beside = {".hits.csv.lock", "hits.csv", "hits.model.json", "records.csv", "references.csv"}
    assert {it.name for it in tmp_path.iterdir()} == beside


def test_a_file_with_itself_gives_each_pair_once(asked: Comparison, tmp_path: Path) -> None:
    both = rows(asked.records) + rows(asked.references)
    write(tmp_path / "both.csv", both)
    compare(replace(asked, records=tmp_path / "both.csv", references=tmp_path / "both.csv"), quiet)
    pairs = found(asked.out)
    assert {frozenset(pair) for pair in pairs} == {frozenset((f"Q-{at}", f"R-{at}")) for at in range(60)}
    assert len(rows(asked.out)) == 60


def test_an_index_file_in_place_of_references(run: Run, files: Files, tmp_path: Path) -> None:
    from matching.index.building import Reference
    from matching.index.store import Index, build_index

    raws = [{name: value for name, value in row.items() if value and name != "whom"} for row in rows(files.references)]
    path = tmp_path / "references.index"
    build_index(path, (Reference(raw, row) for row, raw in enumerate(raws[:200], 2)), {}, lambda _: None)
    Index(path).add(raws[200:])
    Index(path).withdraw(["R-0"], "2020-01-01")
    assert run(files.records, path, "--out", "hits.csv", "--workers", 1).exit_code == 0
    assert found(tmp_path / "hits.csv") == files.pairs - {("Q-0", "R-0")}
    refused = run(files.records, path, "--out", "hits.csv", "--truth", "whom")
    assert isinstance(refused.exception, InvalidInput)
    assert "an index has no such column" in str(refused.exception)


def test_each_hit_is_explained_to_the_milli_bit(asked: Comparison) -> None:
    compare(asked, quiet)
    explained = [json.loads(line) for line in asked.out.with_name("hits.explained.jsonl").read_text().splitlines()]
    hits = rows(asked.out)
    shas = [sha256(file.read_bytes()).hexdigest()[:16] for file in (asked.records, asked.references)]
    assert [(it["record_id"], it["reference_id"]) for it in explained] == [
        (it["record_id"], it["reference_id"]) for it in hits
    ]
    for it, hit in zip(explained, hits, strict=True):
        assert sum(entry["weight_mbits"] for entry in it["fields"]) == round(1000 * float(hit["weight_bits"]))
        assert " ".join(f"{entry['field']}:{entry['level']}" for entry in it["fields"]) == hit["levels"]
        assert f"{it['posterior']:.6f}" == hit["probability"]
        assert it["keys"] == hit["found_by"].split()
        assert it["versions"]["model"].startswith("2-")
        assert [it["versions"][name] for name in ("records", "references")] == shas
    assert any(it["runner_up"] for it in explained)


def test_a_model_used_again_gives_the_same_hits(asked: Comparison, run: Run, tmp_path: Path) -> None:
    compare(asked, quiet)
    first = asked.out.read_bytes()
    again = ("--out", "again.csv", "--model", "hits.model.json", "--workers", 1)
    assert run(asked.records, asked.references, *again).exit_code == 0
    assert (tmp_path / "again.csv").read_bytes() == first


def test_among_fewer_references_a_models_prior_is_higher(asked: Comparison, run: Run, tmp_path: Path) -> None:
    compare(asked, quiet)
    model = json.loads((tmp_path / "hits.model.json").read_text())
    (tmp_path / "larger.json").write_text(json.dumps(model | {"references": 8 * model["references"]}))
    said = run(asked.records, asked.references, "--out", "again.csv", "--model", "larger.json", "--workers", 1).stdout
    assert "its prior moved by +3.0 bits" in " ".join(said.split())
    first, again = (
        {(it["record_id"], it["reference_id"]): it for it in rows(tmp_path / f)} for f in ("hits.csv", "again.csv")
    )
    assert set(first) <= set(again)
    for pair, it in first.items():
        assert it["weight_bits"] == again[pair]["weight_bits"]
        assert it["probability"] <= again[pair]["probability"]
    used = json.loads((tmp_path / "again.model.json").read_text())
    assert (used["references"], used["prior_mbits"]) == (model["references"], model["prior_mbits"] + 3000)
    del model["references"]
    (tmp_path / "older.json").write_text(json.dumps(model))
    said = run(asked.records, asked.references, "--out", "older.csv", "--model", "older.json", "--workers", 1).stdout
    assert "its prior is taken as it is" in " ".join(said.split())
    assert (tmp_path / "older.csv").read_bytes() == (tmp_path / "hits.csv").read_bytes()


def test_the_hits_do_not_depend_on_whether_they_are_explained(asked: Comparison) -> None:
    """With explanations every candidate is scored; without, those that cannot be hits are left early."""
    for threshold in (0.001, 0.95, 0.999999):
        explained = compare(replace(asked, threshold=threshold), quiet)
        found = asked.out.read_bytes()
        alone = compare(replace(asked, threshold=threshold, explained=False, learnt=explained.learnt), quiet)
        assert asked.out.read_bytes() == found
        assert alone.candidates == explained.candidates


@pytest.mark.long
def test_two_processes_write_the_bytes_of_one(asked: Comparison) -> None:
    compare(asked, quiet)
    alone = asked.out.read_bytes()
    compare(replace(asked, workers=2), quiet)
    assert asked.out.read_bytes() == alone


def files_of(folder: Path) -> dict[str, bytes]:
    return {it.name: it.read_bytes() for it in folder.iterdir() if it.name.startswith("hits.")}


def killed(work: Callable[[], object], after_s: float) -> bool:
    """Do the work in a child that is killed then, unless it has come to its end."""
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            work()
            os._exit(0)
        os._exit(3)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.full)])
def test_a_batch_killed_at_random_ends_with_the_bytes_of_one_that_was_not(asked: Comparison, kills: int) -> None:
    begun = time.monotonic()
    compare(asked, quiet)
    lasted, whole = time.monotonic() - begun, files_of(asked.out.parent)
    begun = time.monotonic()
    compare(asked, quiet)  # once more, with everything loaded
    lasted = time.monotonic() - begun
    random = Random(kills)
    for _ in range(kills):
        for name in whole:
            (asked.out.parent / name).unlink()
        longest = lasted
        while killed(lambda: compare(asked, quiet), random.uniform(0, longest)):
            longest *= 1.2  # the machine may be busier than it was a moment ago
        assert files_of(asked.out.parent) == whole
    assert not asked.out.with_name(".hits.csv.batch").exists()


class StoppedError(Exception):
    pass


def stopped_after(asked: Comparison, parts: int) -> None:
    """As a process that is stopped when so many parts are written."""
    original, left = Batch.write, iter(range(parts))

    def write_some(self: Batch, number: int, part: Part) -> None:
        if next(left, None) is None:
            raise StoppedError
        original(self, number, part)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Batch, "write", write_some)
        with pytest.raises(StoppedError):
            compare(asked, quiet)
    assert not asked.out.exists()


def test_what_was_done_is_not_done_again(asked: Comparison) -> None:
    stopped_after(asked, 3)
    later = replace(asked, day="2026-11-27")
    outcome = compare(later, quiet)
    assert (outcome.resumed, outcome.records) == (3, 120)
    resumed = files_of(asked.out.parent)
    compare(asked, quiet)
    assert files_of(asked.out.parent) == resumed


def test_another_comparison_does_not_take_the_parts_of_the_one_before(asked: Comparison) -> None:
    stopped_after(asked, 3)
    assert compare(replace(asked, threshold=0.5), quiet).resumed == 0
    asked.out.unlink()
    stopped_after(asked, 2)
    write(asked.references, rows(asked.references)[:-1])
    assert compare(asked, quiet).resumed == 0


def test_one_process_writes_the_same_hits_at_a_time(asked: Comparison) -> None:
    with one_writer(asked.out), pytest.raises(Conflict):
        compare(asked, quiet)


def lines(path: Path, *wrong: str) -> None:
    path.write_text(
        "\n".join(["record_id,name,date_of_birth", "A-1,Anna Petersen,1984-03-05", *wrong]), encoding="utf-8"
    )


def _wrong() -> Iterator[tuple[str, tuple[str, ...], str]]:
    yield "date", ("A-2,Anna,1984-02-30",), "row 3, column date_of_birth"
    yield "ragged", ("A-2,Anna",), "row 3"
    yield "doubled", ("A-1,Anna,1984-03-05",), "the record_id stands in row 2 as well"


@pytest.mark.parametrize(
    ("side", "wrong", "told"), [(it[0], it[1], it[2]) for it in _wrong()], ids=[it[0] for it in _wrong()]
)
def test_bad_references_are_told_and_nothing_is_written(
    asked: Comparison, side: str, wrong: tuple[str, ...], told: str
) -> None:
    lines(asked.references, *wrong)
    with pytest.raises(VedetteError) as refused:
        compare(asked, quiet)
    assert told in str(refused.value)
    assert not asked.out.exists()


def test_bad_records_are_told_before_anything_is_written_and_can_be_left_out(asked: Comparison, run: Run) -> None:
    lines(asked.records, "A-2,Anna,1984-02-30")
    with pytest.raises(InvalidInput, match="row 3, column date_of_birth"):
        compare(asked, quiet)
    assert not asked.out.exists()
    result = run(asked.records, asked.references, "--out", asked.out, "--partial", "--workers", 1)
    assert result.exit_code == 0, result.output
    told = result.stdout.splitlines()  # a path is not broken, however long it is
    assert f"{asked.records}: rows refused and left out: 1." in told
    assert f"{asked.references}: columns that were not read: whom." in told


def test_files_without_a_row(asked: Comparison) -> None:
    lines(asked.references)
    write(asked.records, [])
    outcome = compare(asked, quiet)
    assert (outcome.records, outcome.hits) == (0, 0)
    write(asked.references, [])
    assert compare(asked, quiet).references == 0
    lines(asked.records)
    assert compare(asked, quiet).candidates == 0
    assert rows(asked.out) == []


def test_hits_never_replace_what_they_come_from(asked: Comparison) -> None:
    before = asked.records.read_bytes()
    with pytest.raises(InvalidInput, match="would replace a file that is read"):
        compare(replace(asked, out=asked.records), quiet)
    assert asked.records.read_bytes() == before
