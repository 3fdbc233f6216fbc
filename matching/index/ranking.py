"""The likeliest of a record's candidates: the same as if each were scored, of which most need not be."""

from __future__ import annotations

import heapq
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from matching.index.bounds import at_most
from matching.index.keys import CONFUSABLE, FAMILIES, Family
from matching.index.segments import Base
from matching.index.store import Candidate
from matching.misread import as_misread
from matching.model import FIELDS, SHIPPED, FieldName, Model
from matching.normalising import NormalRecord, normalise
from matching.scoring import Frequencies, Score, score

# Bytes of a text in UTF-8 that a form is sure to hold: of one, normalising makes at most six units (U+FDFA), and a form
# leaves out a text of more than 2000.
_HELD = 333
_CONFUSABLE: Final = FAMILIES[CONFUSABLE]
_FEW = 8  # candidates, which are scored sooner than they are bounded


class Ranked(NamedTuple):
    candidate: Candidate
    raw: Mapping[str, str]
    normal: NormalRecord
    score: Score


def ranked(
    raw: Mapping[str, str],
    candidates: Sequence[Candidate],
    *,
    most: int,
    floor_mbits: int | None = None,
    fields: Sequence[FieldName] = FIELDS,
    frequencies: Frequencies | None = None,
    model: Model = SHIPPED,
    wanted: NormalRecord | None = None,
) -> list[Ranked]:
    """Of the candidates of one look-up the `most` that weigh most, and all that weigh as much as the floor.

    The heaviest first; of equal ones the lower reference. A candidate is scored as long as it may still be one of them.
    `wanted` is what was normalised of the record.
    """
    wanted = wanted or normalise(raw)
    found: list[Ranked] = []
    heaviest = [-math.inf] * most
    for bound, candidate in _by_bound(raw, wanted, candidates, most, fields, frequencies, model):
        least = heaviest[0] if heaviest else math.inf
        if bound < (least if floor_mbits is None else min(least, floor_mbits)):
            break
        theirs = candidate.raw
        normal = normalise(theirs)
        scored = score_found(wanted, normal, candidate.keys, fields, frequencies, model)
        found.append(Ranked(candidate, theirs, normal, scored))
        if heaviest:
            heapq.heappushpop(heaviest, found[-1].score.weight_mbits)
    found.sort(key=lambda it: (-it.score.weight_mbits, it.candidate.reference))
    floor = math.inf if floor_mbits is None else floor_mbits
    return [it for at, it in enumerate(found) if at < most or it.score.weight_mbits >= floor]


def score_found(
    wanted: NormalRecord,
    found: NormalRecord,
    keys: Collection[Family],
    fields: Sequence[FieldName] = FIELDS,
    frequencies: Frequencies | None = None,
    model: Model = SHIPPED,
) -> Score:
    """As the keys have it that brought the two together."""
    scored = score(wanted, found, fields, frequencies, model)
    return as_misread(scored, wanted, found, model) if _CONFUSABLE in keys else scored


def _by_bound(
    raw: Mapping[str, str],
    wanted: NormalRecord,
    candidates: Sequence[Candidate],
    most: int,
    fields: Sequence[FieldName],
    frequencies: Frequencies | None,
    model: Model,
) -> Iterator[tuple[float, Candidate]]:
    """The candidates with what they can weigh at most, the highest first; infinite where that is not known."""
    base = next((it.segment for it in candidates if isinstance(it.segment, Base)), None)
    is_held = all(len(it.encode("utf-8", "surrogatepass")) <= _HELD for it in raw.values())
    if base is None or len(candidates) <= max(most, _FEW) or not is_held:
        yield from ((math.inf, it) for it in candidates)
        return
    records = None if frequencies is None else frequencies.records
    is_bounded = (it.segment is base and _CONFUSABLE not in it.keys for it in candidates)
    places = np.array([it.place if bounded else -1 for it, bounded in zip(candidates, is_bounded, strict=True)])
    bounded = np.flatnonzero(places >= 0)
    bounded = bounded[base.sizes(places[bounded]) <= _HELD]
    bounds = np.full(len(candidates), math.inf)
    bounds[bounded] = at_most(wanted, base.forms, places[bounded], fields, model, records)
    yield from ((bounds[at], candidates[at]) for at in np.argsort(-bounds, kind="stable").tolist())
