"""How common a name or a telephone number is, as the indexes tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from matching.index.keys import FAMILIES, NAME, hash_of
from matching.index.store import Index
from matching.model import FieldName

_PHONE: Final = FAMILIES.index("phone")


class IndexFrequencies:
    """Of all records of some indexes; `own` of them are the pair's."""

    def __init__(self, indexes: Sequence[Index], own: int) -> None:
        self._indexes = indexes
        self._own = own
        self._others: dict[tuple[FieldName, str], int] = {}
        self.records = sum(len(index) - index.replaced for index in indexes)

    def others(self, name: FieldName, value: str, /) -> int:
        if (name, value) not in self._others:
            self._others[name, value] = max(0, self._bearing(name, value) - self._own) if value else 0
        return self._others[name, value]

    def _bearing(self, name: FieldName, value: str) -> int:
        key = np.array([hash_of(value, NAME if name == "name" else _PHONE)], dtype=np.uint64)
        return sum(int(index.bearing(key)[0]) for index in self._indexes)
