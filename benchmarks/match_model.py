"""Splink as the oracle of the model: the same levels of the same pairs, so the same weights and the same m by EM.

    python -m benchmarks.match_model

Vedette takes the levels of its candidates among seeded people; Splink is given them as columns, with the same m, u
and frequencies. Weights are to agree to 1e-6 bits before they are rounded to whole milli-bits; m by EM, of the pairs
that one key found and without the matches that ours leans on, within .02. A field whose levels are shares of
different kinds of pairs (two names in hanzi, two in Latin letters) is a comparison for each kind to Splink.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import _linkage_engines as engines
from benchmarks import _linkage_people as people
from matching.index.keys import FAMILIES, Family
from matching.index.store import Index
from matching.levels.kernel import NOT_COMPARABLE
from matching.linking.expectation import HELD, HELD_KINDS, Patterns, Tables, maximise, patterns, tables
from matching.linking.scored_pairs import bearers, candidates
from matching.linking.training import _UNTAUGHT
from matching.linking.weighing import Weigher
from matching.model import FIELDS, SHIPPED, FieldName, adjusted_u

SEED = 20261126
RECORDS, REFERENCES = 8_000, 40_000
MOST_BITS, MOST_M = 1e-6, 0.02
LEARNT_BY: tuple[Family, ...] = ("id_number", "phone", "name_birth_year", "pinyin_birth_date")
BY_FREQUENCY = ("name", "phone")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, default=engines.PEERS)
    peers = engines.installed(parser.parse_args().peers)
    with tempfile.TemporaryDirectory() as scratch:
        oracle = Oracle(peers, Path(scratch))
        reached = oracle.weights()
        for family in LEARNT_BY:
            reached &= oracle.learnt(family)
    sys.exit(not reached)


class Oracle:
    """The candidates of some records, with their levels and how many others bear their name and telephone."""

    def __init__(self, peers: Path, folder: Path) -> None:
        self._peers, self._folder = peers, folder
        records, references, _ = people.write(folder, RECORDS, REFERENCES, SEED)
        engines.vedette_index(references, folder / "references.index")
        index = Index(folder / "references.index")
        with records.open(newline="", encoding="utf-8") as file:
            raws = [{name: value for name, value in row.items() if value} for row in islice(csv.DictReader(file), None)]
        self._found = candidates(index, raws, people.TODAY.isoformat(), None)
        borne = bearers(index, self._found.normal, of_itself=False)
        self._others = borne.of(self._found.record)
        self._references = len(index)

    def weights(self) -> bool:
        levels = self._found.levels
        frequencies = {name: self._frequencies(name) for name in BY_FREQUENCY}
        theirs = self._asked("weigh", levels, FIELDS, frequencies)
        ours = self._exact_weights(levels, frequencies)
        apart = float(np.abs(ours - np.array(theirs["weights"])).max())
        rounded = Weigher(SHIPPED, self._references).weigh(levels, self._others) / 1000
        print(f"{len(levels)} pairs: weights differ by {apart:.1e} bits at most (goal {MOST_BITS:.0e})")
        print(f"  rounded to milli-bits, as they are stored: {float(np.abs(ours - rounded).max()):.1e}")
        return apart <= MOST_BITS

    def learnt(self, family: Family) -> bool:
        of_family = (self._found.families >> np.uint32(FAMILIES.index(family)) & 1).astype(np.bool_)
        levels = self._found.levels[of_family]
        of_pairs = patterns(levels, [name for name in FIELDS if name not in _UNTAUGHT[family]])
        known = [name for at, name in enumerate(of_pairs.fields) if has_levels(of_pairs, at)]
        of_pairs = of_pairs.without(frozenset(of_pairs.fields) - frozenset(known))
        ours = maximise(of_pairs, SHIPPED, tables(SHIPPED)[1], prior_matches=0).m
        theirs = self._asked("learn", levels, known, {})["m"]
        return show(family, len(levels), ours, theirs, of_pairs)

    def _frequencies(self, name: FieldName) -> NDArray[np.float64]:
        """Per pair, u of the value that it agrees on; nan where its level does not depend on frequency."""
        every = list(SHIPPED.fields[name].values())
        level, others = self._found.levels[:, FIELDS.index(name)], getattr(self._others, name)
        return np.array(
            [
                adjusted_u(every[at], int(many), self._references)
                if at != NOT_COMPARABLE and every[at].by_frequency
                else math.nan
                for at, many in zip(level, others, strict=True)
            ]
        )

    def _exact_weights(
        self, levels: NDArray[np.uint8], frequencies: dict[str, NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        total = np.zeros(len(levels))
        for at, name in enumerate(FIELDS):
            every = list(SHIPPED.fields[name].values())
            u = np.array([level.u for level in every])
            reached = np.flatnonzero(levels[:, at] != NOT_COMPARABLE)
            of_level = levels[reached, at]
            of_pair = u[of_level]
            if name in frequencies:
                own = frequencies[name][reached]
                of_pair = np.where(np.isnan(own), of_pair, own)
            total[reached] += np.log2(np.array([level.m for level in every])[of_level] / of_pair)
        return total

    def _asked(
        self,
        action: str,
        levels: NDArray[np.uint8],
        fields: Sequence[FieldName],
        frequencies: dict[str, NDArray[np.float64]],
    ) -> Any:
        pairs, asked, out = (self._folder / name for name in ("pairs.csv", "asked.json", "told.json"))
        with pairs.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["unique_id", *fields, *(f"tf_of_{name}" for name in frequencies)])
            columns = [levels[:, FIELDS.index(name)].astype(int) for name in fields]
            for at in range(len(levels)):
                own = ["" if math.isnan(it[at]) else repr(float(it[at])) for it in frequencies.values()]
                writer.writerow([at, *("" if it[at] == NOT_COMPARABLE else it[at] for it in columns), *own])
        asked.write_text(json.dumps({"fields": {name: told(name) for name in fields}, "tf": list(frequencies)}))
        script = Path(__file__).parent / "_splink_oracle.py"
        engines.measured([self._peers, script, action, pairs, asked, out], self._folder / "oracle.log")
        return json.loads(out.read_text())


def told(name: FieldName) -> list[dict[str, object]]:
    return [
        {
            "level": said,
            "m": it.m,
            "u": it.u,
            "kind": it.kind,
            "by_frequency": it.by_frequency,
            "held": is_held(name, said),
        }
        for said, it in SHIPPED.fields[name].items()
    ]


def is_held(name: FieldName, said: str) -> bool:
    return (name, said) in HELD or SHIPPED.fields[name][said].kind in HELD_KINDS


def has_levels(of: Patterns, at: int) -> bool:
    return bool((of.levels[:, at] != NOT_COMPARABLE).any())


def of_free_levels(name: FieldName, theirs: dict[str, float]) -> dict[str, float]:
    """Where m of a level is held, ours are shares of the other levels alone; Splink counts the held one in."""
    free = {said: m for said, m in theirs.items() if not is_held(name, said)}
    if len(free) == len(theirs):
        return free
    whole = sum(m for said, m in free.items() if not SHIPPED.fields[name][said].kind)
    return {said: m / whole if not SHIPPED.fields[name][said].kind else m for said, m in free.items()}


def show(family: Family, pairs: int, ours: Tables, theirs: dict[str, dict[str, float]], of: Patterns) -> bool:
    """Of the levels that pairs reached: one that none reached has nothing to be learnt from."""
    apart = []
    for at, name in enumerate(of.fields):
        seen = set(of.levels[:, at].tolist())
        theirs = {**theirs, name: of_free_levels(name, theirs.get(name, {}))}
        apart += [
            (abs(float(ours[name][place]) - theirs[name][said]), f"{name}:{said}")
            for place, said in enumerate(SHIPPED.fields[name])
            if place in seen and said in theirs.get(name, {})
        ]
    most, where = max(apart)
    print(f"m by EM, {pairs} pairs found by {family}: {most:.4f} apart at most, {where} (goal {MOST_M})")
    return most <= MOST_M


if __name__ == "__main__":
    main()
