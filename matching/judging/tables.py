"""An evaluation as tables for the terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from matching.judging.estimating import Estimate, Evaluation

_KEYLESS = "Pairs that share no key were never candidates: nothing here tells how many of them are the same."


def tables(of: Evaluation) -> Iterator[RenderableType]:
    yield _strata(of)
    summary = Table(show_header=False)
    summary.add_row(f"precision at p >= {of.threshold:g}", _share(of.precision))
    summary.add_row("recall among candidates", _share(of.recall))
    summary.add_row("same pairs below the threshold", f"{of.missed.value:.0f} ({_range(of.missed, '.0f')})")
    summary.add_row("Brier score", f"{of.brier:.6f}")
    summary.add_row("calibration error", f"{of.calibration_error:.6f}")
    yield summary
    for line in not_covered(of):
        yield Text(line)


def not_covered(of: Evaluation) -> Iterator[str]:
    yield _KEYLESS
    undecided, unjudged = sum(it.undecided for it in of.strata), sum(it.unjudged for it in of.strata)
    if undecided:
        yield f"Undecided: {undecided}. They are left out, as if they were like the others of their stratum."
    if unjudged:
        yield f"Not judged yet: {unjudged}."
    for it in of.strata:
        if not it.judged:
            yield f"Nobody judged a pair of {it.stratum}: its {it.pairs} pairs are left out of every figure."
    for it in of.strata:
        most = round(it.pairs * it.share.high) if it.share is not None else 0
        if most and it.same == 0 and it.stratum.below <= of.threshold:
            yield (
                f"None of {it.judged} judged pairs of {it.stratum} is the same, yet up to {most} of its {it.pairs} "
                "pairs may be. Judging more of them narrows the recall."
            )


def as_json(of: Evaluation) -> dict[str, Any]:
    return {
        "threshold": of.threshold,
        "judged": of.judged,
        "pairs": of.pairs,
        "precision": _plain(of.precision),
        "recall": _plain(of.recall),
        "missed": asdict(of.missed),
        "brier": of.brier,
        "calibration_error": of.calibration_error,
        "strata": [{**asdict(it), "judged": it.judged} for it in of.strata],
        "not_covered": list(not_covered(of)),
    }


def _strata(of: Evaluation) -> Table:
    table = Table("probability", title=f"{of.judged} pairs judged, which stand for {of.pairs}")
    for name in ("pairs", "judged", "same", "stated", "share that is the same"):
        table.add_column(name, justify="right")
    for it in of.strata:
        numbers = (str(number) for number in (it.pairs, it.judged, it.same))
        table.add_row(str(it.stratum), *numbers, f"{it.stated:.4f}" if it.judged else "-", _share(it.share))
    table.caption = "in brackets: the interval that holds 95 of 100"
    return table


def _share(of: Estimate | None) -> str:
    return "-" if of is None else f"{of.value:.4f} ({_range(of, '.4f')})"


def _range(of: Estimate, form: str) -> str:
    return f"{of.low:{form}} to {of.high:{form}}"


def _plain(of: Estimate | None) -> dict[str, float] | None:
    return None if of is None else asdict(of)
