"""The model: per field and level, how often it occurs among matches (m) and among random pairs (u).

Fellegi and Sunter, "A theory for record linkage", JASA 64 (1969); the weight of a level is log2(m / u). The levels that
pairs of one kind can reach (two names in hanzi, two full birth dates) add up to about one in m and in u. The values
here are set by hand: u from the sizes of the code spaces (10^9 resident numbers, 20,000 birth dates) and the frequency
of names, m from common error rates. `matching.linking.training` estimates others from the files that are compared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

VERSION = "2"
FieldName = Literal[
    "name",
    "birth_date",
    "sex",
    "id_number",
    "document_number",
    "phone",
    "plate",
    "plate_colour",
    "vin",
    "address",
    "locality",
    "make",
    "colour",
    "height_cm",
    "place",
    "happened_on",
    "belongings",
]
FIELDS: tuple[FieldName, ...] = get_args(FieldName)
# A value's own frequency replaces u (Winkler's adjustment), drawn towards the model's u as if this many records more
# had been seen; otherwise a handful of records would call every name common.
PRIOR_RECORDS = 10_000


@dataclass(frozen=True, slots=True)
class Level:
    m: float
    u: float
    by_frequency: bool = False
    kind: str = ""  # of pair, among whose levels m and u are shares

    @property
    def weight_mbits(self) -> int:
        return weight_mbits(self.m, self.u)


Levels = Mapping[str, Level]


@lru_cache(maxsize=4096)
def weight_mbits(m: float, u: float) -> int:
    return round(1000 * math.log2(m / u))


def adjusted_u(level: Level, others: int, records: int) -> float:
    """Winkler's adjustment for the frequency of the value, drawn towards the level's own u.

    One bearer more is counted: that the pair's own two bear the value shows that it exists (Laplace).
    """
    return (others + 1 + PRIOR_RECORDS * level.u) / (records + PRIOR_RECORDS)


@dataclass(frozen=True, slots=True)
class Model:
    fields: Mapping[FieldName, Levels]
    version: str


# What another field says already: the number of a resident holds birth date and sex.
_IMPLIED = Level(1.0, 1.0, kind="implied")
# Of two different names, whoever lives under one roof shares telephone and address: twins even the birth date.
_HOUSEHOLD = Level(0.6, 0.1, kind="household")
MODEL: Mapping[FieldName, Levels] = {
    "name": {
        "exact": Level(0.88, 0.0002, by_frequency=True),
        "homophone": Level(0.03, 0.0002, by_frequency=True),
        "close": Level(0.02, 0.0001),  # other characters for the sounds of one name from another language
        "one_character": Level(0.03, 0.006),
        "different": Level(0.04, 0.99),
        "romanised": Level(0.85, 0.0004, by_frequency=True, kind="two_scripts"),
        "romanised_close": Level(0.08, 0.0005, kind="two_scripts"),
        "romanised_part": Level(0.04, 0.03, kind="two_scripts"),
        "romanised_different": Level(0.03, 0.97, kind="two_scripts"),
        "latin_exact": Level(0.8, 0.0002, by_frequency=True, kind="latin"),
        "latin_close": Level(0.1, 0.0005, kind="latin"),
        "latin_within": Level(0.03, 0.002, kind="latin"),  # all parts that one side has
        "latin_part": Level(0.04, 0.02, kind="latin"),
        "latin_different": Level(0.03, 0.98, kind="latin"),
    },
    "birth_date": {
        "exact": Level(0.93, 0.00005),
        "swapped": Level(0.01, 0.00005),  # day and month exchanged
        "one_slip": Level(0.03, 0.001),  # one digit, or two neighbours exchanged
        "two_slips": Level(0.01, 0.02),
        "same_year": Level(0.005, 0.014),
        "different": Level(0.015, 0.966),
        "partial_month": Level(0.95, 0.0014, kind="month"),
        "partial_month_different": Level(0.05, 0.9986, kind="month"),
        "partial_year": Level(0.95, 0.017, kind="year"),
        "partial_year_different": Level(0.05, 0.983, kind="year"),
        "implied": _IMPLIED,
    },
    "sex": {"same": Level(0.99, 0.5), "different": Level(0.01, 0.5), "implied": _IMPLIED},
    "id_number": {
        "exact": Level(0.98, 1e-9),
        "exact_invalid": Level(0.01, 1e-7),
        "one_slip": Level(0.01, 1e-6),  # one place differs, and at least one side fails its check digit
        "different": Level(0.05, 1.0),  # at least one side fails its check digit
        # No single slip leaves a check digit of ISO 7064 right, and a person with two numbers is rarer still. Twins and
        # namesakes agree in nearly all else, so this level has to outweigh name, birth date, sex and a shared phone.
        "two_valid": Level(1e-7, 1.0),
    },
    "document_number": {
        "exact": Level(0.7, 1e-7),
        "one_slip": Level(0.02, 1e-5),
        "different": Level(0.28, 1.0),  # people hold several documents, and renew them
    },
    "phone": {
        "exact": Level(0.6, 0.00002, by_frequency=True),
        "one_slip": Level(0.02, 0.00001),
        "different": Level(0.38, 1.0),
        "household": _HOUSEHOLD,
    },
    "plate": {"exact": Level(0.98, 1e-7), "different": Level(0.02, 1.0)},
    "plate_colour": {
        "same": Level(0.97, 0.6),
        "other_ground": Level(0.025, 0.2),  # a misread or misnoted shade
        # One text is given out both in blue (small) and in yellow (large): two vehicles.
        "blue_yellow": Level(0.002, 0.2),
    },
    "vin": {
        "exact": Level(0.97, 1e-8),
        "one_slip": Level(0.02, 1e-6),  # and at least one side fails its check digit
        "different": Level(0.009, 1.0),
        "two_valid": Level(0.00001, 1.0),
    },
    "address": {
        "exact": Level(0.6, 0.00002),
        "street": Level(0.1, 0.0005),
        "close": Level(0.1, 0.002),
        "different": Level(0.2, 1.0),  # people move
        "household": _HOUSEHOLD,
    },
    "locality": {
        "same": Level(0.7, 0.002),
        "near": Level(0.1, 0.004),  # one of suburb and postcode agrees, or both nearly
        "state": Level(0.05, 0.2),
        "different": Level(0.15, 0.8),
    },
    "make": {"same": Level(0.7, 0.05), "overlapping": Level(0.2, 0.06), "different": Level(0.1, 0.89)},
    "colour": {"same": Level(0.8, 0.2), "different": Level(0.2, 0.8)},
    "height_cm": {"within_2": Level(0.7, 0.16), "within_5": Level(0.22, 0.2), "different": Level(0.08, 0.64)},
    "place": {"same": Level(0.4, 0.01), "overlapping": Level(0.25, 0.04), "different": Level(0.35, 0.95)},
    "happened_on": {"same_day": Level(0.4, 0.002), "within_30_days": Level(0.3, 0.1), "apart": Level(0.3, 0.9)},
    "belongings": {"alike": Level(0.5, 0.001), "some": Level(0.25, 0.04), "unlike": Level(0.25, 0.96)},
}
SHIPPED = Model(MODEL, VERSION)
