"""A file of pairs to be judged: what a judge reads stands first, what evaluation needs last."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from foundation.spreadsheets import guarded
from matching.index.keys import COLUMNS
from matching.judging.drawing import Drawn, hash_of
from matching.judging.strata import Stratum


class Judgement(StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    UNDECIDED = "undecided"


WORDS = {
    **{it.value: it for it in Judgement},
    "同一": Judgement.SAME,
    "不同": Judgement.DIFFERENT,
    "无法判断": Judgement.UNDECIDED,
}
# The bytes of 同一 in GB 18030 are valid UTF-8 too, so a file with no other hanzi in it is read as this.
MISREAD = {"同一".encode("gb18030").decode("utf-8"): Judgement.SAME}
IDS = ("record_id", "reference_id")
NUMBERS = ("stratum", "stratum_pairs", "weight_bits", "odds_bits", "model")


@dataclass(frozen=True, slots=True)
class ToJudge:
    pair: Drawn
    stratum: Stratum
    stratum_pairs: int


def written(pairs: Sequence[ToJudge], model: str) -> bytes:
    """In an order that says nothing of the probabilities; only columns that some record has."""
    given = [
        name for name in COLUMNS[1:] if any(name in it.pair.left or name in it.pair.right for it in pairs)
    ]  # of COLUMNS the first is the identifier
    sides = [f"{side}_{name}" for name in given for side in ("left", "right")]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("judgement", *IDS, *sides, *NUMBERS))
    for it in sorted(pairs, key=lambda it: _turn(it.pair)):
        left, right = it.pair.left, it.pair.right
        values = [guarded(side.get(name, "")) for name in given for side in (left, right)]
        bits = (f"{mbits / 1000:.3f}" for mbits in (it.pair.weight_mbits, it.pair.odds_mbits))
        ids = (guarded(left["record_id"]), guarded(right["record_id"]))
        writer.writerow(("", *ids, *values, it.stratum, it.stratum_pairs, *bits, model))
    return text.getvalue().encode()


def _turn(pair: Drawn) -> int:
    """By another hash than pairs are drawn by, which is the lesser the larger the stratum."""
    return hash_of(f"{pair.right['record_id']}\n{pair.left['record_id']}")
