"""A model for two files, learnt from them without labels.

m by EM, once for each key: the pairs that a key found agree on what it holds by construction, so only the other fields
learn from them. u of what is not unique by pairs drawn at random. The prior is the share of matches among all pairs
that makes the candidates' probabilities add up to it. All of it is drawn by hashes: the same files give the same model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.catalogue import to_mbits
from matching.index.keys import FAMILIES, Family
from matching.levels.forms import Forms
from matching.levels.kernel import Levels, levels
from matching.linking.expectation import (
    HELD_KINDS,
    Floats,
    Patterns,
    Tables,
    estimated,
    level_sums,
    log_ratios,
    matching,
    maximise,
    patterns,
    tables,
)
from matching.linking.hashing import mixed
from matching.linking.model_file import Learnt, as_json, name_of
from matching.model import FIELDS, SHIPPED, FieldName, Model

LEARNT: tuple[FieldName, ...] = (
    *("name", "birth_date", "sex", "id_number", "document_number", "phone", "plate", "plate_colour", "vin"),
    *("address", "locality"),
)
# u of a number is that of its code space, which is known better than any sample could tell.
_DRAWN: tuple[FieldName, ...] = ("name", "birth_date", "sex", "address", "locality")
_SEEN_BEFORE = 10.0  # times that each level is taken to have been seen among random pairs already
_TWO_VALID = tuple(SHIPPED.fields["id_number"]).index("two_valid")
_TWO_VINS = tuple(SHIPPED.fields["vin"]).index("two_valid")
_LEAST_PAIRS = 20  # of a key, to learn from
# Per key, what the pairs that it found cannot teach: what it holds, and the name where it is a household's, since twins
# are found by it as well.
_UNTAUGHT: Mapping[Family, frozenset[FieldName]] = {
    "id_number": frozenset({"id_number", "birth_date", "sex"}),
    "document_number": frozenset({"document_number", "id_number", "birth_date", "sex"}),  # it may be a resident number
    "phone": frozenset({"phone", "name"}),
    "plate": frozenset({"plate", "plate_colour", "name"}),
    "vin": frozenset({"vin", "name"}),
    "pinyin_birth_date": frozenset({"name", "birth_date"}),
    "name_birth_year": frozenset({"name", "birth_date"}),
    "name": frozenset({"name"}),
    "address": frozenset({"address", "locality", "name"}),
    "birth_date_place": frozenset({"birth_date", "locality", "name"}),
    "part_birth_date": frozenset({"name", "birth_date"}),
    "part_street": frozenset({"name", "address"}),
    "birth_date": frozenset({"birth_date"}),
    "close_name": frozenset({"name", "birth_date", "sex"}),
    "part": frozenset({"name"}),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """Some of the records, and the candidates of each."""

    records: Forms
    references: Forms
    levels: Levels  # of the candidates
    families: NDArray[np.uint32]
    of_itself: bool  # the records are references themselves


def train(sample: Sample, drawn_pairs: int) -> Learnt:
    found = sample.levels
    drawn = _drawn(sample, drawn_pairs)
    every, random = patterns(found, LEARNT), patterns(drawn, LEARNT)
    model, pairs_in_all = SHIPPED, _pairs_in_all(sample)
    prior = 1 / max(len(sample.references), 2)
    for _ in range(2):  # what is not a match among random pairs is known once there is a model
        m, u = tables(model)
        u = _learnt_u(random, m, u, prior) if len(drawn) else u
        m = _learnt_m(found, sample.families, u)
        prior = _prior(every, m, u, pairs_in_all)
        model = _model(m, u)
    made = Learnt(model, to_mbits(prior), references=max(1, len(sample.references)))
    return replace(made, model=Model(model.fields, name_of(as_json(made))))


def _pairs_in_all(sample: Sample) -> float:
    others = len(sample.references) - 1 if sample.of_itself else len(sample.references)
    return max(1.0, float(len(sample.records) * others))


def _drawn(sample: Sample, count: int) -> Levels:
    """Levels of pairs drawn at random, by the hash of their number."""
    numbers = np.arange(1, count + 1, dtype=np.uint64)
    at = (mixed(numbers * np.uint64(2)) % np.uint64(max(len(sample.records), 1))).astype(np.int64)
    to = (mixed(numbers * np.uint64(2) + np.uint64(1)) % np.uint64(max(len(sample.references), 1))).astype(np.int64)
    return levels(sample.records, sample.references, at, to)


def _learnt_u(random: Patterns, m: Tables, u: Tables, prior: float) -> Tables:
    weights = random.counts * (1 - matching(log_ratios(random, m, u), prior))
    learnt: dict[FieldName, Floats] = dict(u)
    for name in _DRAWN:
        at = random.fields.index(name)
        seen = level_sums(weights, random.levels[:, at], len(u[name]))
        learnt[name] = _leaning(name, seen, u[name])
    return learnt


def _leaning(name: FieldName, seen: Floats, u: Floats) -> Floats:
    """The share of each level among the pairs of its kind, as if it had been seen some times where u says it is."""
    learnt = u.copy()
    kinds = [level.kind for level in SHIPPED.fields[name].values()]
    for kind in dict.fromkeys(kinds):
        places = np.array([at for at, of in enumerate(kinds) if of == kind and kind not in HELD_KINDS], dtype=np.int64)
        if len(places):
            total = seen[places].sum()
            learnt[places] = (seen[places] + _SEEN_BEFORE) / (total + _SEEN_BEFORE / u[places])
    return learnt


def _learnt_m(found: Levels, families: NDArray[np.uint32], u: Tables) -> Tables:
    seen: dict[FieldName, Floats] = {}
    apart = (found[:, FIELDS.index("id_number")] == _TWO_VALID) | (found[:, FIELDS.index("vin")] == _TWO_VINS)
    found, families = found[~apart], families[~apart]  # known to be no matches, though twins agree in all else
    for bit, family in enumerate(FAMILIES):
        of_family = found[(families >> np.uint32(bit) & 1).astype(np.bool_)]
        if family not in _UNTAUGHT or len(of_family) < _LEAST_PAIRS:
            continue
        of_pairs = patterns(of_family, LEARNT).without(_UNTAUGHT[family])
        for name, counts in maximise(of_pairs, SHIPPED, u).seen.items():
            seen[name] = seen.get(name, np.zeros(len(counts))) + counts
    m = dict(tables(SHIPPED)[0])
    m.update({name: estimated(SHIPPED, name, counts) for name, counts in seen.items()})
    return m


def _prior(every: Patterns, m: Tables, u: Tables, pairs_in_all: float) -> float:
    ratios = log_ratios(every, m, u)
    share = 1 / pairs_in_all
    for _ in range(100):
        matches = float((every.counts * matching(ratios, share)).sum())
        after = min(0.5, max(matches, 1.0) / pairs_in_all)
        if abs(after - share) < 1e-9 * share:
            break
        share = after
    return share


def _model(m: Tables, u: Tables) -> Model:
    fields = {
        name: {
            said: replace(level, m=float(m[name][at]), u=float(u[name][at]))
            for at, (said, level) in enumerate(levels_of.items())
        }
        for name, levels_of in SHIPPED.fields.items()
    }
    return Model(fields, SHIPPED.version)
