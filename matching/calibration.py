"""How a model's log odds become those that judged pairs confirm: a straight line, in whole milli-bits.

Platt, "Probabilistic outputs for support vector machines" (1999): a logistic curve over the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Mbits = TypeVar("Mbits", int, NDArray[np.int64])


@dataclass(frozen=True, slots=True)
class Calibration:
    slope_per_mille: int  # above zero: the order of pairs stays
    intercept_mbits: int
    judged: int  # pairs that it was fitted to

    def of(self, odds_mbits: Mbits) -> Mbits:
        return self.intercept_mbits + (self.slope_per_mille * odds_mbits + 500) // 1000

    def least(self, odds_mbits: int) -> int:
        """The least odds that become so many, or more."""
        return -((500 - 1000 * (odds_mbits - self.intercept_mbits)) // self.slope_per_mille)

    def as_json(self) -> dict[str, int]:
        return asdict(self)


def told(calibration: Mapping[str, Any]) -> str:
    """The line in words, from its JSON."""
    slope, intercept = calibration["slope_per_mille"] / 1000, calibration["intercept_mbits"] / 1000
    return f"{slope:.3f} × total {intercept:+.3f} bits, by {calibration['judged']} judged pairs"
