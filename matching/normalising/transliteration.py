"""Names from other languages in Chinese characters: whoever writes one down picks characters by their sound.

艾力·阿布都拉, 艾里·阿卜杜拉 and Ali Abdulla agree in their consonants, taken as classes: a Chinese syllable has no
other way to write b or p, d or t, l or r, s or sh.
"""

from __future__ import annotations

import re
from functools import lru_cache

from matching.normalising.rings import least_rotation

_LEAST_CONSONANTS = 4  # fewer say too little
_OF_TWO_LETTERS = (
    ("zh", "s"), ("ch", "s"), ("sh", "s"), ("kh", "k"), ("gh", "k"), ("ph", "p"), ("th", "t"), ("ng", "n"),
    ("qi", "si"), ("qy", "sy"),
)  # fmt: skip
_CLASSES = str.maketrans("zcxjbfvdgqhr", "ssssppptkkkl", "aeiouwy")  # vowels say nothing
_DOUBLED = re.compile(r"([a-z])\1+")


@lru_cache(maxsize=65536)
def consonants(romanised: str) -> str | None:
    """The classes of the consonants, least rotation, so that the order of two names does not matter."""
    text = _DOUBLED.sub(r"\1", romanised.replace(" ", ""))
    for sound, letters in _OF_TWO_LETTERS:
        text = text.replace(sound, letters)
    text = text.translate(_CLASSES)
    return least_rotation(text) if len(text) >= _LEAST_CONSONANTS else None
