"""Which characters readers take for one another, and how often.

A likelihood is P(read | written) of one character, in reads that were plausible enough to be told. The classes are
estimates, in the order and about the proportions that the plate reader of `analysis` shows on blurred Chinese plates;
three plates in a hundred then have an error. What counts is how they compare: a look-up is ranked by them. Numbers of
documents are printed in the same shapes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

# Cause, likelihood, and each pair as written and read.
_CAUSES: tuple[tuple[str, float, str], ...] = (
    (
        "a letter of a digit's outline: serials are mostly digits, so readers settle for one",
        0.010,
        "D0 O0 Q0 I1 B8 S5 Z2",
    ),
    ("the same, with an opening that blur has to close", 0.005, "G6 J1 L1 A4 T1 T7 Z7"),
    ("a digit of a letter's outline, against what serials mostly are", 0.002, "0D 0O 0Q 1I 8B 5S 2Z"),
    ("the same, with an opening", 0.001, "6G 1J 1L 4A 1T 7T 7Z"),
    ("a stroke is lost in dirt, glare or blur", 0.002, "83 86 89 80 B3 B6 B9 65 95 EF RP QO QD GC 71 HN WN WV 98"),
    ("a stroke is added by dirt, a bolt or a shadow", 0.001, "38 68 08 3B 6B 9B 56 59 FE PR OQ DQ CG 17 NH VW"),
    ("the same strokes at another angle, either way", 0.002, "UV VU VY YV MN NM KX XK MH HM MW WM OD DO IL LI IT TI"),
    (
        "a province of many strokes blurs into one that the reader knows better",
        0.002,
        "桂皖 粤皖 藏皖 赣皖 辽皖 琼鄂 豫鄂 蒙鄂 赣鄂 藏鄂 陕豫",
    ),
    ("provinces of one outline, either way", 0.001, "浙新 新浙"),
)
_OTHER = 0.00003  # any one other character: a thousandth, over the 33 others of a serial
_LOST = 0.0001  # one character: at an end, or two that the reader merges
_EXTRA = 0.000002  # one certain character at one certain place: a bolt, a frame or a dot between
LIKELIHOODS: Mapping[tuple[str, str], float] = {
    (pair[0], pair[1]): likelihood for _, likelihood, pairs in _CAUSES for pair in pairs.split()
}


def to_mbits(likelihood: float) -> int:
    return round(1000 * math.log2(likelihood))


OTHER_MBITS, LOST_MBITS, EXTRA_MBITS = to_mbits(_OTHER), to_mbits(_LOST), to_mbits(_EXTRA)
MOST_MBITS = to_mbits(max(LIKELIHOODS.values()))
