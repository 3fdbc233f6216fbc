"""Which characters readers take for one another, as arrays over the characters of plates on record."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matching.confusions import LIKELIHOODS, OTHER_MBITS, to_mbits
from matching.plates.alphabet import PADDING, Alphabet

CONFUSED = frozenset(character for pair in LIKELIHOODS for character in pair)


def mistaken(alphabet: Alphabet) -> NDArray[np.intp]:
    """For each symbol the symbols that are taken for it, then padding."""
    written: dict[int, list[int]] = {}
    for one, other in LIKELIHOODS:
        written.setdefault(alphabet.symbol(other), []).append(alphabet.symbol(one))
    table = np.full((alphabet.size, max(map(len, written.values()))), PADDING, dtype=np.intp)
    for read, symbols in written.items():
        table[read, : len(symbols)] = symbols
    return table


def turned_mbits(alphabet: Alphabet) -> NDArray[np.int32]:
    """The weight of reading the second symbol where the first is written, against reading that rightly."""
    table = np.full((alphabet.size, alphabet.size), OTHER_MBITS, dtype=np.int32)
    for (written, read), likelihood in LIKELIHOODS.items():
        table[alphabet.symbol(written), alphabet.symbol(read)] = to_mbits(likelihood)
    return table
