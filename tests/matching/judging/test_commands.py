"""From two files to a calibrated model and a picture, by the commands alone."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from foundation.errors import InvalidInput
from foundation.identifiers import Origin
from matching.commands import register
from matching.judging.judged_file import read_judged
from matching.linking.model_file import Learnt, read, written
from matching.model import SHIPPED

Vedette = Callable[..., Result]
Rows = list[dict[str, str]]
SURNAMES = ("李", "王", "张", "欧阳", "陈", "刘", "赵", "Müller", "Petrov", "Rossi")
GIVEN = ("晓明", "芳", "Anna", "伟", "静")


@pytest.fixture(scope="module")
def vedette() -> Iterator[Vedette]:
    app = typer.Typer()
    register(app, lambda _session, settings, _clock: Origin("center-a", settings.center.node))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "200")
        patch.setattr("os.fsync", lambda _: None)

        def run(*words: object) -> Result:
            result = CliRunner().invoke(app, [str(word) for word in words])
            if result.exception is not None and not isinstance(result.exception, SystemExit):
                raise result.exception
            return result

        yield run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Persons, of whom every second is in both files with a slip; many of them share name or day of birth."""
    folder = tmp_path_factory.mktemp("judging")
    random = Random(5)
    left: Rows = []
    right: Rows = []
    for number in range(500):
        person = {
            "name": f"{random.choice(SURNAMES)} {random.choice(GIVEN)}",
            "date_of_birth": f"19{random.randrange(60, 99)}-0{random.randrange(1, 10)}-1{random.randrange(10)}",
            "sex": random.choice("MF"),
            "phone": f"139{random.randrange(10**8):08}",
        }
        left.append({"record_id": f"L-{number}", **person})
        slipped = random.choice(["name", "date_of_birth", "phone", "none"])
        other = {name: "" if name == slipped else value for name, value in person.items()}
        right.append({"record_id": f"R-{number if number % 2 else number + 10_000}", **(other if number % 2 else {})})
        if number % 2 == 0:
            right[-1] |= {**person, "date_of_birth": "1970-01-01", "phone": f"138{random.randrange(10**8):08}"}
    write(folder / "left.csv", left)
    write(folder / "right.csv", right)
    (folder / "model.json").write_bytes(written(Learnt(SHIPPED, -9_500)))
    return folder


def write(path: Path, rows: Sequence[dict[str, str]], encoding: str = "utf-8") -> None:
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def rows_of(path: Path) -> Rows:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def to_judge(vedette: Vedette, folder: Path) -> Path:
    out = folder / "to_judge.csv"
    said = sample(vedette, folder / "left.csv", folder / "right.csv", folder / "model.json", out).stdout
    assert "0.95 to 0.99" in said
    return out


def sample(vedette: Vedette, left: Path, right: Path, model: Path, out: Path, *more: object) -> Result:
    return vedette("match", "sample", left, right, "--model", model, "--out", out, "--pairs", 200, *more)


def test_a_judged_sample_calibrates_a_comparison(vedette: Vedette, folder: Path, to_judge: Path) -> None:
    rows = rows_of(to_judge)
    for row in rows:
        row["judgement"] = "同一" if row["record_id"][2:] == row["reference_id"][2:] else "不同"
    judged, model, hits = folder / "judged.csv", folder / "calibrated.json", folder / "hits.csv"
    write(judged, rows, "gb18030")
    beside = folder / "to_judge.model.json"
    said = vedette("match", "evaluate", judged, "--model", beside, "--out", model).stdout
    for part in ("precision at p >= 0.95", "Pairs that share no key were never candidates", "Calibrated: "):
        assert part in said
    told = json.loads(vedette("match", "evaluate", judged, "--json").stdout)
    assert told["judged"] == len(rows) == 200
    assert told["pairs"] == sum(it["pairs"] for it in told["strata"])
    compare = (folder / "left.csv", folder / "right.csv", "--out", hits, "--model", model, "--workers", 1, "--explain")
    assert "Hits: " in vedette("match", "compare", *compare).stdout
    learnt = read(model)
    for row, line in zip(rows_of(hits), (folder / "hits.explained.jsonl").read_text().splitlines(), strict=True):
        probability, explained = learnt.probability(round(float(row["weight_bits"]) * 1000)), json.loads(line)
        assert row["probability"] == f"{probability:.6f}"
        assert explained["posterior"] == probability >= 0.95
        assert explained["calibration"]["judged"] == 200
        assert explained["versions"]["model"] == learnt.model.version
    picture, pair = folder / "hit.svg", (row["record_id"], row["reference_id"])
    vedette("match", "picture", folder / "hits.explained.jsonl", *pair, "--out", picture)
    assert "calibrated" in [it.text for it in ET.parse(picture).iter("{http://www.w3.org/2000/svg}text")]


def test_the_sample_is_the_same_whatever_the_order_of_rows(vedette: Vedette, folder: Path, to_judge: Path) -> None:
    for name in ("left", "right"):
        write(folder / f"{name}_turned.csv", rows_of(folder / f"{name}.csv")[::-1])
    out = folder / "again.csv"
    sample(vedette, folder / "left_turned.csv", folder / "right_turned.csv", folder / "model.json", out)
    assert out.read_bytes() == to_judge.read_bytes()
    assert not list(folder.glob(".again.csv.sample"))


def test_the_sample_stands_for_all_candidates(vedette: Vedette, folder: Path, to_judge: Path) -> None:
    every = folder / "every.csv"
    sample(vedette, folder / "left.csv", folder / "right.csv", folder / "model.json", every, "--pairs", 100_000)
    whole, drawn = read_judged(every), read_judged(to_judge)
    sizes = {it.stratum: it.stratum_pairs for it in drawn}
    assert sum(sizes.values()) == len(whole) > 400
    assert sizes == {stratum: sum(it.stratum == stratum for it in whole) for stratum in sizes}
    assert not {(it["record_id"], it["reference_id"]) for it in rows_of(to_judge)} - {
        (it["record_id"], it["reference_id"]) for it in rows_of(every)
    }
    strata = [it.stratum for it in drawn]
    changes = sum(a != b for a, b in pairwise(strata))
    assert changes > len(strata) / 2  # neither sorted by probability nor by stratum


def test_doubles_within_one_file_are_told_once(vedette: Vedette, folder: Path) -> None:
    both = folder / "both.csv"
    write(both, [*rows_of(folder / "left.csv")[:200], *rows_of(folder / "right.csv")[:200]])
    sample(vedette, both, both, folder / "model.json", folder / "doubles.csv", "--pairs", 100_000)
    pairs = [(row["record_id"], row["reference_id"]) for row in rows_of(folder / "doubles.csv")]
    assert all(left < right for left, right in pairs)
    assert len(set(pairs)) == len(pairs) > 0


def test_what_cannot_be_sampled_is_refused(vedette: Vedette, folder: Path, tmp_path: Path) -> None:
    left, model = folder / "left.csv", folder / "model.json"
    write(tmp_path / "strangers.csv", [{"record_id": "X", "vin": "LSVAA4182E2184847"}])
    with pytest.raises(InvalidInput, match="no record shares a key"):
        sample(vedette, left, tmp_path / "strangers.csv", model, tmp_path / "out.csv")
    with pytest.raises(InvalidInput, match="replace a file"):
        sample(vedette, left, folder / "right.csv", model, left)
    with pytest.raises(InvalidInput, match="replace a file"):
        vedette("match", "evaluate", left, "--model", model, "--out", model)
    with pytest.raises(InvalidInput, match="--model and --out go together"):
        vedette("match", "evaluate", left, "--model", model)
    assert not (tmp_path / "out.csv").exists()


def test_a_pair_that_is_not_there_has_no_picture(vedette: Vedette, tmp_path: Path) -> None:
    explained: dict[str, Any] = {"record_id": "=1", "reference_id": "R", "prior_mbits": "many"}
    path = tmp_path / "explained.jsonl"
    path.write_text(json.dumps(explained))
    with pytest.raises(Exception, match="there is no such pair"):
        vedette("match", "picture", path, "A", "B", "--out", tmp_path / "a.svg")
    with pytest.raises(InvalidInput, match="line 1: prior_mbits: "):
        vedette("match", "picture", path, "'=1", "R", "--out", tmp_path / "a.svg")
    path.write_text("[]\n")
    with pytest.raises(InvalidInput, match="line 1: no explanation"):
        vedette("match", "picture", path, "A", "B", "--out", tmp_path / "a.svg")
