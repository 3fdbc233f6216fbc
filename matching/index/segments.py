"""The two kinds of segment that candidates come from: the file as built, and what was added since, in memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from foundation.errors import InvalidInput
from matching.index.building import as_text, versions
from matching.index.file_format import open_file
from matching.index.keys import (
    KEPT_COLUMNS,
    NARROWING,
    NO_TRAIT,
    REFINED,
    Hashes,
    family_of,
    keyed,
    mixed,
    record_id_key,
    variants,
)
from matching.index.table import BLOCK_LIMIT, Table
from matching.levels.forms import FORM, Forms, forms, read_only
from matching.normalising import NormalRecord, normalise

_DECODER = json.JSONDecoder()


class Segment(Protocol):
    def block(self, key: int) -> tuple[Sequence[int], bool]:
        """The members of a key's block, and whether it is split among more specific keys."""
        ...

    def names_of(self, variant: int) -> list[int]:
        """The hashes of the names that this is a variant of."""
        ...

    def raw(self, ordinal: int) -> dict[str, str]:
        """The member's columns, as its file had them."""
        ...

    def record_id(self, ordinal: int) -> str: ...


class Base:
    """An index file, mapped. Its look-ups of many at once stand in `batch`."""

    def __init__(self, path: Path, *, checked: bool = False) -> None:
        self.opened = open_file(path, checked=checked)
        sections = self.opened.sections
        self.meta: dict[str, Any] = json.loads(bytes(sections["meta"]))
        if self.meta["versions"] != versions():
            raise InvalidInput(
                f"built with {_said(self.meta['versions'])}, where {_said(versions())} is in use.",
                where=str(path),
                mend="Build it anew with `vedette match index build`.",
            )
        self.keys, self.close = Table(self.opened, "keys"), Table(self.opened, "close")
        self.names: Hashes = _array(sections["names"], "<u8")
        self.forms = Forms(_array(sections["forms"], FORM), _array(sections["texts"], "<u2"))
        self._offsets, self._records = sections["offsets"].cast("Q"), sections["records"]

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def block(self, key: int) -> tuple[Sequence[int], bool]:
        return self.keys.block(key)

    def names_of(self, variant: int) -> list[int]:
        return [int(self.names[place]) for place in self.close.block(variant)[0]]

    def raw(self, ordinal: int) -> dict[str, str]:
        return as_raw(self._text(ordinal))

    def record_id(self, ordinal: int) -> str:
        return record_id_in(self._text(ordinal))

    def sizes(self, ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
        """In bytes, of the columns as the file keeps them."""
        offsets: NDArray[np.int64] = np.frombuffer(self._offsets, "<i8")
        return offsets[ordinals + 1] - offsets[ordinals]

    def with_id(self, record_id: str) -> int | None:
        found = self.keys.block(record_id_key(record_id))[0]
        return next((at for at in found if self.record_id(at) == record_id), None)

    def _text(self, ordinal: int) -> bytes:
        return bytes(self._records[self._offsets[ordinal] : self._offsets[ordinal + 1]])


class Added:
    """What was added since the base was built."""

    def __init__(self) -> None:
        self._records: list[bytes] = []
        self._traits: list[tuple[int, ...]] = []
        self._blocks: dict[int, list[int]] = {}
        self._split: set[int] = set()
        self._names: dict[int, dict[int, None]] = {}
        self._ids: dict[str, int] = {}
        self._normal: list[NormalRecord] = []
        self._forms: Forms | None = None

    @property
    def forms(self) -> Forms:
        if self._forms is None:
            self._forms = forms(self._normal)
        return self._forms

    def __len__(self) -> int:
        return len(self._records)

    def add(self, raw: Mapping[str, str]) -> int:
        record = normalise(raw)
        ordinal, made = len(self._records), keyed(raw, record)
        self._normal.append(record)
        self._forms = None
        self._records.append(as_text(raw))
        self._traits.append(made.traits)
        self._ids[raw["record_id"]] = ordinal
        for key in made.keys:
            self._insert(key, ordinal)
        for text, name in zip(made.spoken, made.names, strict=True):
            for variant in variants(text):
                self._names.setdefault(variant, {})[name] = None
        return ordinal

    def block(self, key: int) -> tuple[Sequence[int], bool]:
        return self._blocks.get(key, []), key in self._split

    def names_of(self, variant: int) -> list[int]:
        return list(self._names.get(variant, ()))

    def raw(self, ordinal: int) -> dict[str, str]:
        return as_raw(self._records[ordinal])

    def record_id(self, ordinal: int) -> str:
        return record_id_in(self._records[ordinal])

    def with_id(self, record_id: str) -> int | None:
        return self._ids.get(record_id)

    def _insert(self, key: int, ordinal: int) -> None:
        block = self._blocks.setdefault(key, [])
        block.append(ordinal)
        if key in self._split:
            self._refine(key, (ordinal,))
        elif len(block) > BLOCK_LIMIT:
            self._split.add(key)
            self._refine(key, block)

    def _refine(self, key: int, ordinals: Iterable[int]) -> None:
        for ordinal in ordinals:
            for narrower in narrower_keys(key, self._traits[ordinal]) or [mixed(key, NO_TRAIT, REFINED)]:
                self._blocks.setdefault(narrower, []).append(ordinal)


def _array(section: memoryview, dtype: DTypeLike) -> NDArray[Any]:
    """At least one element, so that there is one to be read where a search found nothing."""
    return np.frombuffer(section, dtype) if section else read_only(np.zeros(1, dtype))


def narrower_keys(key: int, traits: tuple[int, ...]) -> list[int]:
    """The key with each trait that it does not hold already; empty if there is none."""
    return [mixed(key, traits[at], REFINED) for at in NARROWING[family_of(key)] if traits[at]]


def as_raw(text: bytes) -> dict[str, str]:
    """A reference out of the form in which the file keeps it."""
    return {name: value for name, value in zip(KEPT_COLUMNS, json.loads(text), strict=True) if value}


def record_id_in(text: bytes) -> str:
    """The first column alone; of the rest, nothing is read."""
    record_id: str = _DECODER.raw_decode(text.decode(), len("["))[0]
    return record_id


def _said(found: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(found.items()))
