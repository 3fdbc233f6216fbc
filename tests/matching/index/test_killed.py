"""`vedette match index build` and `merge` killed at random moments: the old index or the new one, and nothing left."""

from __future__ import annotations

import csv
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from matching.index.building import Reference
from matching.index.commands import index_commands
from matching.index.store import Index, build_index

DAY = "2026-01-01"
PHONE = "13900001234"
COUNT = 600
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(1, 7))]
KILLS = 3  # a seed


def people(prefix: str) -> list[dict[str, str]]:
    """All of one hotel, so that blocks are split as well."""
    born = ["1950-01-02", "1984-03-05", "1984"]
    return [
        {"record_id": f"{prefix}-{at}", "name": f"guest {at:05}", "phone": PHONE, "date_of_birth": born[at % 3]}
        for at in range(COUNT)
    ]


def state(path: Path) -> tuple[int, list[str]]:
    index = Index(path)
    found = index.look_up({"name": "guest 00007", "phone": PHONE}, DAY).candidates
    return len(index) - index.withdrawn, sorted(it.record_id for it in found)


def kill_after(seconds: float, work: Callable[[], None]) -> None:
    """Do the work in a child that is killed then, unless it has come to its end."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - the child must not come back into the test
            os._exit(3)
        os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("command", ["build", "merge"])
def test_a_killed_writer_leaves_an_index_that_is_whole_and_the_next_one_clears_up(
    tmp_path: Path, command: str, seed: int
) -> None:
    path, references = tmp_path / "it.index", tmp_path / "references.csv"
    with references.open("w", newline="") as file:
        writer = csv.DictWriter(file, people("N")[0])
        writer.writeheader()
        writer.writerows(people("N"))
    build_index(path, (Reference(raw, at) for at, raw in enumerate(people("O"))), {}, lambda _: None)
    Index(path).add([{"record_id": "added", "name": "guest 00007"}])
    Index(path).withdraw(["O-9"], DAY)
    words = ["merge", str(path)] if command == "merge" else ["build", str(references), "--out", str(path)]

    def work() -> None:
        assert CliRunner().invoke(index_commands(), words, catch_exceptions=False).exit_code == 0

    before = state(path)
    kept = {it.name: it.read_bytes() for it in tmp_path.iterdir()}
    begun = time.monotonic()
    work()
    lasted, after = time.monotonic() - begun, state(path)
    assert (after == before) is (command == "merge")
    for it in tmp_path.iterdir():
        it.unlink()
    for name, content in kept.items():
        (tmp_path / name).write_bytes(content)
    random = Random(seed)
    for _ in range(KILLS):
        kill_after(random.uniform(0, lasted), work)
        assert state(path) in (before, after)
    work()
    assert state(path) == after
    assert sorted(it.name for it in tmp_path.iterdir()) == [".it.index.lock", "it.index", "references.csv"]
