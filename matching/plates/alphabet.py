"""Characters as small numbers, and a plate's hash: the sum of a random number for each character at its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from foundation.errors import InvalidInput

LONGEST = 10
PADDING = 0  # behind the end of a plate
_SEED = 20261126  # any: hashes are not kept
_CHARACTERS = 0x110000
_SCANNED_AT_ONCE = 500_000

Symbols = NDArray[np.uint8 | np.uint16]
Hashes = NDArray[np.uint64]


class Alphabet:
    """The characters of plates on record, and more that are to be told apart; all others count as one."""

    def __init__(self, plates: Sequence[str], more: Iterable[str] = ()) -> None:
        known = sorted({*_characters(plates), *more})
        self.size = len(known) + 2  # with padding, and what is not known
        self.unknown = len(known) + 1
        kind = np.uint8 if self.size <= 256 else np.uint16
        self._symbol_of = np.full(_CHARACTERS, self.unknown, dtype=kind)
        self._symbol_of[[ord(character) for character in known]] = np.arange(1, self.unknown, dtype=kind)
        self._symbol_of[0] = PADDING
        # One place more than a plate has, for hashes of what is behind an insertion.
        drawn = np.random.PCG64(_SEED).random_raw((LONGEST + 1) * self.size)
        self.at = drawn.reshape(LONGEST + 1, self.size)
        self.at[:, PADDING] = 0

    def symbols(self, plates: Sequence[str]) -> Symbols:
        """A row of `LONGEST` for each plate. Raises `InvalidInput` for a longer one."""
        if not len(plates):
            return np.empty((0, LONGEST), dtype=self._symbol_of.dtype)
        texts = np.asarray(plates, dtype=np.str_)
        width = texts.dtype.itemsize // 4
        if width > LONGEST:
            longest = max(plates, key=len)[:40]
            raise InvalidInput(f"a plate has at most {LONGEST} characters.", where=f"plate {longest!r}")
        codes = texts.view(np.uint32).reshape(len(texts), width)
        symbols = np.zeros((len(texts), LONGEST), dtype=self._symbol_of.dtype)
        symbols[:, :width] = self._symbol_of[codes]
        return symbols

    def symbol(self, character: str) -> int:
        return int(self._symbol_of[ord(character)])

    def hashes(self, symbols: Symbols) -> Hashes:
        total = np.zeros(len(symbols), dtype=np.uint64)
        for place in range(symbols.shape[1]):
            total += self.at[place][symbols[:, place]]
        return total


def _characters(plates: Sequence[str]) -> Iterable[str]:
    rest = iter(plates)
    while chunk := list(islice(rest, _SCANNED_AT_ONCE)):
        yield from set("".join(chunk))
