"""What a plate's text may be: Chinese series (GA 36-2018, GA 36.1), and Latin letters and digits.

Text is without dots, blanks and hyphens. A read that no series explains is not a plate.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice, pairwise, product
from typing import Literal

from foundation import plates
from foundation.plates import GROUNDS, LETTERS, PROVINCES, SERIAL, SUFFIXES, ChineseSeries, PlateColour

PlateSeries = Literal[
    "cn_standard",
    "cn_new_energy",
    "cn_large",
    "cn_police",
    "cn_learner",
    "cn_trailer",
    "cn_hong_kong_macau",
    "cn_consulate",
    "cn_embassy",
    "latin",
]

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" + PROVINCES + SUFFIXES

# The series that are read, as they are told; their other grounds are those that a camera takes them to have.
_READ: Mapping[ChineseSeries, PlateSeries] = {
    "cn_standard": "cn_standard",
    "cn_new_energy_small": "cn_new_energy",
    "cn_new_energy_large": "cn_new_energy",
    "cn_police": "cn_police",
    "cn_learner": "cn_learner",
    "cn_trailer": "cn_trailer",
    "cn_hong_kong_macau": "cn_hong_kong_macau",
    "cn_consulate": "cn_consulate",
    "cn_embassy": "cn_embassy",
}
_SEEN_AS: Mapping[PlateSeries, frozenset[PlateColour]] = {
    "cn_hong_kong_macau": frozenset({"blue"}),
    "cn_consulate": frozenset({"blue"}),
    "cn_embassy": frozenset({"blue"}),
    "cn_new_energy": frozenset({"white", "yellow"}),  # the small one fades from white
    "cn_standard": frozenset({"black", "green"}),
}
_LATIN = re.compile("(?=.*[0-9])(?=.*[A-Z])[0-9A-Z]{4,10}")
_MOST_LETTERS = 2
# A Chinese plate with its first character lost, or taken for a Latin one, and perhaps its last as well.
_CUT_CHINESE = re.compile(f"[0-9A-Z]?[A-Z](?:{SERIAL}{{4,5}}|[A-HJK]{SERIAL}[0-9]{{4}}|[0-9]{{5}}[A-HJK])")
# A police plate (white ground) with both of its Chinese characters lost.
_CUT_POLICE = re.compile(f"[{LETTERS}]{SERIAL}{{4}}")
# The commonest Latin layouts, that settle O against 0 and I against 1 where the picture cannot.
_LATIN_LAYOUTS = tuple(
    re.compile(layout)
    for layout in (
        "[A-Z]{2}[0-9]{3}[A-Z]{2}",  # France, Italy, Slovakia
        "[A-Z]{3}[0-9]{3,4}",  # Brazil until 2018, Finland, Hungary, Sweden, American states
        "[A-Z]{3}[0-9][A-Z][0-9]{2}",  # Mercosur
        "[A-Z]{2}[0-9]{2}[A-Z]{3}",  # United Kingdom
        "[A-Z]{2}[0-9]{4,6}",  # Denmark, Norway, Switzerland
        "[0-9][A-Z]{3}[0-9]{3}",  # California
    )
)
_LOOK_ALIKES = {"O": "0", "0": "O", "I": "1", "1": "I"}
_MOST_SPELLINGS = 64


def chinese_series(text: str, colour: PlateColour | None) -> PlateSeries | None:
    """The Chinese series of the text on a ground of that colour; a colour of None is unknown."""
    form = plates.chinese_series(text)
    series = _READ.get(form) if form is not None else None
    if form is None or series is None or text[1] in "IO":
        return None
    if colour is not None and colour not in GROUNDS[form] | _SEEN_AS.get(series, frozenset()):
        return None
    if series == "cn_standard":
        if sum(character.isascii() and character.isalpha() for character in text[2:]) > _MOST_LETTERS:
            return None
        return "cn_large" if colour == "yellow" else series
    return series


def is_latin(text: str, colour: PlateColour | None) -> bool:
    """A plausible Latin plate, and not the rest of a Chinese one: those are mostly coloured, Latin ones white."""
    if not _LATIN.fullmatch(text):
        return False
    cut = _CUT_POLICE if colour == "white" else _CUT_CHINESE
    return not cut.fullmatch(text)


def series_of(text: str, colour: PlateColour | None) -> PlateSeries | None:
    return chinese_series(text, colour) or ("latin" if is_latin(text, colour) else None)


def spell_latin(text: str, breaks: Sequence[int]) -> str | None:
    """The text with O and 0, I and 1 told apart, or None when it fits two layouts and no break settles which.

    `breaks` are the indices before which the plate has a gap: between gaps it is all letters or all digits, mostly.
    """
    groups = [_settle(text[start:end]) for start, end in zip([0, *breaks], [*breaks, len(text)], strict=True)]
    settled = "".join(group for group, _ in groups)
    doubtful = [whole for group, sure in groups for whole in ([False] * len(group) if sure else [True] * len(group))]
    choices = [{c, _LOOK_ALIKES.get(c, c)} if doubt else {c} for c, doubt in zip(settled, doubtful, strict=True)]
    spellings = ["".join(choice) for choice in islice(product(*choices), _MOST_SPELLINGS)]
    fitting = [spelling for spelling in spellings if any(layout.fullmatch(spelling) for layout in _LATIN_LAYOUTS)]
    if not fitting:
        return settled
    fewest = min(_transitions(spelling) for spelling in fitting)
    simplest = [spelling for spelling in fitting if _transitions(spelling) == fewest]
    contradicted = settled in fitting and settled not in simplest
    return simplest[0] if len(simplest) == 1 and not contradicted else None


def _transitions(text: str) -> int:
    """How often letters and digits take turns."""
    return sum(one.isdigit() != other.isdigit() for one, other in pairwise(text))


def _settle(group: str) -> tuple[str, bool]:
    """A group with its look-alikes made like the rest of it; whether that left no doubt."""
    plain = [character for character in group if character not in _LOOK_ALIKES]
    if plain and all(character.isalpha() for character in plain):
        return group.replace("0", "O").replace("1", "I"), True
    if plain and all(character.isdigit() for character in plain):
        return group.replace("O", "0").replace("I", "1"), True
    return group, len(plain) == len(group)


def is_chinese(text: str) -> bool:
    return not text.isascii()


def tidy(text: str) -> str:
    """A Chinese serial without the letters it cannot have."""
    if not is_chinese(text) or len(text) < 3:
        return text
    return text[:2] + text[2:].replace("O", "0").replace("I", "1")
