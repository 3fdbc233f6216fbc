"""A model as a file: what was learnt from two files, to be read by people and used again."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import fields as fields_of
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeGuard

from foundation.errors import FileMissing, InvalidInput
from matching.calibration import Calibration, Mbits
from matching.model import SHIPPED, Level, Model
from matching.scoring import posterior

_FORMAT = 1
_MOST_BYTES = 1 << 20
_MOST_MBITS = 60_000  # prior odds of 2 ** 60 are certainty already
_MOST_REFERENCES = 1 << 40
MOST_SLOPE = 10_000  # in thousandths
_MOST_JUDGED = 1_000_000_000
_CALIBRATION = tuple(field.name for field in fields_of(Calibration))


@dataclass(frozen=True, slots=True)
class Learnt:
    model: Model
    prior_mbits: int  # log odds that a record and a reference drawn at random are one
    calibration: Calibration | None = None
    references: int | None = None  # among which it was learnt; None: a file that does not say

    def among(self, references: int) -> Learnt:
        """The same for so many references: the more there are, the rarer a match is among all pairs.

        A calibration is of what the pairs show, so it moves along with the prior.
        """
        if self.references is None or references in (0, self.references):
            return self
        shift = round(1000 * math.log2(self.references / references))
        made = replace(self, prior_mbits=self.prior_mbits + shift, references=references)
        if self.calibration is None:
            return made
        line = self.calibration
        turned = line.intercept_mbits + shift - line.slope_per_mille * shift // 1000
        made = replace(made, calibration=replace(line, intercept_mbits=turned))
        return replace(made, model=replace(made.model, version=name_of(as_json(made))))

    def odds_mbits(self, weight: Mbits) -> Mbits:
        """Log odds that pairs of these weights match, calibrated where judged pairs were at hand."""
        odds = self.prior_mbits + weight
        return odds if self.calibration is None else self.calibration.of(odds)

    def least_weight(self, odds_mbits: int) -> int:
        """The least weight of a pair whose odds are so many, or more."""
        odds = odds_mbits if self.calibration is None else self.calibration.least(odds_mbits)
        return odds - self.prior_mbits

    def probability(self, weight: int) -> float:
        return posterior(0, self.odds_mbits(weight))


def as_json(learnt: Learnt) -> dict[str, Any]:
    calibration = {} if learnt.calibration is None else {"calibration": learnt.calibration.as_json()}
    references = {} if learnt.references is None else {"references": learnt.references}
    return {
        "format": _FORMAT,
        "levels_of": SHIPPED.version,
        "prior_mbits": learnt.prior_mbits,
        **references,
        "fields": {
            name: {said: {"m": level.m, "u": level.u} for said, level in levels.items()}
            for name, levels in learnt.model.fields.items()
        },
        **calibration,
    }


def written(learnt: Learnt) -> bytes:
    """The file, to be read by people too."""
    return f"{json.dumps(as_json(learnt), ensure_ascii=False, indent=1)}\n".encode()


def name_of(content: Mapping[str, Any]) -> str:
    """The version that explanations name: two models of one name differ in nothing but the prior, which is told too."""
    name = f"{content['levels_of']}-{_digest(content['fields'])[:12]}"
    return f"{name}-c{_digest(content['calibration'])[:8]}" if "calibration" in content else name


def _digest(content: Any) -> str:
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def from_json(content: Any, where: str) -> Learnt:
    """Raises `InvalidInput` for what is no model of this version's levels."""
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise _refused("not a model of this format.", where)
    if content.get("levels_of") != SHIPPED.version:
        raise _refused(f"the levels of model {content.get('levels_of')!r}, where {SHIPPED.version} is in use.", where)
    prior = content.get("prior_mbits")
    if not _is_whole(prior, -_MOST_MBITS, _MOST_MBITS):
        raise _refused("prior_mbits is no whole number of milli-bits.", where)
    references = content.get("references")
    if not (references is None or _is_whole(references, 1, _MOST_REFERENCES)):
        raise _refused("references is no number of references.", where)
    said = content.get("fields")
    if not isinstance(said, dict) or set(said) != set(SHIPPED.fields):
        raise _refused(f"fields are to be {', '.join(SHIPPED.fields)}.", where)
    fields = {
        name: {level: _level(of, said[name], f"{name}.{level}", where) for level, of in levels.items()}
        for name, levels in SHIPPED.fields.items()
    }
    calibration = _calibration(content["calibration"], where) if "calibration" in content else None
    return Learnt(Model(fields, name_of(content)), prior, calibration, references)


def read(path: Path) -> Learnt:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _refused("too large for a model.", str(path))
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FileMissing("no such file.", where=str(path)) from error
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}.", where=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise _refused("not JSON.", str(path)) from error
    return from_json(content, str(path))


def _level(of: Level, said: Any, which: str, where: str) -> Level:
    values = said.get(which.partition(".")[2]) if isinstance(said, dict) else None
    m, u = (values.get("m"), values.get("u")) if isinstance(values, dict) else (None, None)
    if not (_is_share(m) and _is_share(u)):
        raise _refused(f"{which} lacks m and u between 0 and 1.", where)
    return replace(of, m=float(m), u=float(u))


def _calibration(said: Any, where: str) -> Calibration:
    slope, intercept, judged = (said.get(name) for name in _CALIBRATION) if isinstance(said, dict) else (None,) * 3
    if not (
        _is_whole(slope, 1, MOST_SLOPE)
        and _is_whole(intercept, -_MOST_MBITS, _MOST_MBITS)
        and _is_whole(judged, 1, _MOST_JUDGED)
    ):
        raise _refused(f"calibration lacks {', '.join(_CALIBRATION)} as whole numbers within their limits.", where)
    return Calibration(slope, intercept, judged)


def _is_whole(value: Any, least: int, most: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_share(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 1e-300 < value <= 1


def _refused(what: str, where: str) -> InvalidInput:
    return InvalidInput(what, where=where, mend="Take a model that `vedette match compare` of this version wrote.")
