"""Building an index file: references stream through once, their keys are sorted in parts on the disk.

Memory holds one chunk of references and one part of the rows, whatever the number of references.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foundation.errors import InvalidInput
from matching import normalising
from matching.index import keys as index_keys
from matching.index.file_format import SectionWriter, writing
from matching.index.keys import (
    CLOSE_NAME,
    KEPT_COLUMNS,
    NARROWING,
    NO_TRAIT,
    RECORD_ID,
    REFINED,
    TRAITS,
    Hashes,
    Keyed,
    families_of,
    keyed,
    mixed_many,
    record_id_key,
    variants,
)
from matching.index.spilling import PARTS, Column, Rows
from matching.index.table import BLOCK_LIMIT, FLAG, Members, Run, write_table
from matching.levels import forms as of_forms
from matching.levels.forms import FORM, forms
from matching.normalising import NormalRecord, normalise

Progress = Callable[[int], None]  # references done
_CHUNK = 5_000
_SEEN_NAMES = 1 << 20


@dataclass(frozen=True, slots=True)
class Reference:
    raw: Mapping[str, str]
    row: int  # where it stood, for errors


def build(
    references: Iterable[Reference],
    path: Path,
    listing: Mapping[str, object],
    later: Sequence[Mapping[str, object]],
    progress: Progress,
) -> int:
    """Write the index of the references; `listing` says what list they are. Answers their number.

    `later` are withdrawals of a day to come, as the delta has them. The disk holds the finished file and about as much
    again meanwhile. Raises `InvalidInput` where a `record_id` comes twice.
    """
    with (
        writing(path) as out,
        tempfile.TemporaryDirectory(prefix=f".{path.name}.", suffix=".build", dir=path.parent) as folder,
        closing(_Spilled(Path(folder))) as spilled,
    ):
        _stream(references, out.section("records"), spilled, progress)
        meta = {"versions": versions(), "listing": listing, "references": spilled.references, "later": later}
        out.section("meta").write(json.dumps(meta, ensure_ascii=False).encode())
        _copy(spilled.offsets, out.section("offsets"))
        _copy(spilled.forms, out.section("forms"))
        _copy(spilled.texts, out.section("texts"))
        keys = _sort_keys(spilled)
        write_table(out, "keys", keys, (_run(*spilled.sorted_keys.part(at)) for at in range(PARTS)))
        close_keys = _sort_variants(spilled)
        _copy(spilled.names, out.section("names"))
        write_table(out, "close", close_keys, (_run(*spilled.sorted_variants.part(at)) for at in range(PARTS)))
    return spilled.references


def versions() -> dict[str, str]:
    return {"normalising": normalising.VERSION, "keys": index_keys.VERSION, "forms": of_forms.VERSION}


class _Spilled:
    """What waits on the disk while an index is built."""

    def __init__(self, folder: Path) -> None:
        self.references = 0
        self.offsets = Column(folder / "offsets", "<u8")
        self.rows = Column(folder / "rows", "<u4")
        self.forms, self.texts = Column(folder / "forms", FORM), Column(folder / "texts", "<u2")
        self.traits = Column(folder / "traits", "<u8")
        self.names = Column(folder / "names", "<u8")
        self.keys, self.sorted_keys = Rows(folder / "keys", "<u4"), Rows(folder / "sorted keys", "<u4")
        self.close_names = Rows(folder / "close names", "<u4")
        self.refined = Rows(folder / "refined", "<u4")
        self.variants, self.sorted_variants = Rows(folder / "variants", "<u8"), Rows(folder / "sorted", "<u4")

    def forms_of(self, records: Iterable[NormalRecord]) -> None:
        made = forms(records, self.texts.length)
        self.forms.extend(made.rows)
        self.texts.extend(made.heap)

    def close(self) -> None:
        for it in vars(self).values():
            if isinstance(it, Column | Rows):
                it.close()


def _stream(references: Iterable[Reference], records: SectionWriter, spilled: _Spilled, progress: Progress) -> None:
    seen = np.zeros(_SEEN_NAMES, dtype=np.uint64)  # names met of late, so that a common one is not spilled each time
    for chunk in _chunks(references):
        if spilled.references + len(chunk) >= FLAG:
            raise InvalidInput("more references than one index holds.", mend="Split them among several indexes.")
        texts = [as_text(it.raw) for it in chunk]
        lengths = np.array([len(text) for text in texts], dtype=np.uint64)
        spilled.offsets.extend(records.length + np.cumsum(lengths) - lengths)
        records.write(b"".join(texts))
        spilled.rows.extend(np.array([it.row for it in chunk], dtype=np.uint32))
        normal = [normalise(it.raw) for it in chunk]
        spilled.forms_of(normal)
        made = [keyed(it.raw, record) for it, record in zip(chunk, normal, strict=True)]
        spilled.traits.extend(np.array([it.traits for it in made], dtype=np.uint64))
        _spill_keys(chunk, made, spilled)
        _spill_variants(made, spilled, seen)
        spilled.references += len(chunk)
        progress(spilled.references)
    spilled.offsets.extend(np.array([records.length], dtype=np.uint64))


def _chunks(references: Iterable[Reference]) -> Iterator[list[Reference]]:
    left = iter(references)
    while chunk := list(islice(left, _CHUNK)):
        yield chunk


def as_text(raw: Mapping[str, str]) -> bytes:
    """A reference as the file keeps it: its values in the order of the columns."""
    return json.dumps([raw.get(name, "") for name in KEPT_COLUMNS], ensure_ascii=False, separators=(",", ":")).encode()


def _spill_keys(chunk: list[Reference], made: list[Keyed], spilled: _Spilled) -> None:
    keys = [(record_id_key(it.raw["record_id"]), *of.keys) for it, of in zip(chunk, made, strict=True)]
    ordinals = np.arange(spilled.references, spilled.references + len(chunk), dtype=np.uint32)
    hashes = np.array([key for of in keys for key in of], dtype=np.uint64)
    spilled.keys.extend(hashes, np.repeat(ordinals, [len(of) for of in keys]))


def _spill_variants(made: list[Keyed], spilled: _Spilled, seen: Hashes) -> None:
    found, names, counts = [], [], []
    for text, name in {both: None for it in made for both in zip(it.spoken, it.names, strict=True)}:
        place = (name >> 5) % _SEEN_NAMES
        if int(seen[place]) != name and (of_name := variants(text)):
            seen[place] = name
            found += of_name
            names.append(name)
            counts.append(len(of_name))
    of_names = np.array(names, dtype=np.uint64)
    spilled.variants.extend(np.array(found, dtype=np.uint64), np.repeat(of_names, counts))
    spilled.close_names.extend(of_names, np.zeros(len(names), dtype=np.uint32))


def _sort_keys(spilled: _Spilled) -> int:
    """Sort each part, with the more specific keys of its large blocks. Answers the number of distinct keys."""
    traits = spilled.traits.array().reshape(-1, len(TRAITS))
    for at in range(PARTS):
        hashes, ordinals = _sorted(*spilled.keys.part(at))
        first, counts = _spans(hashes)
        _refuse_doubles(hashes, ordinals, first, counts, spilled)
        large = splits(hashes[first], counts)
        for key, begin, count in zip(hashes[first][large], first[large], counts[large], strict=True):
            members = ordinals[begin : begin + count]
            spilled.refined.extend(*_refined(key, members, traits[members]))
    keys = 0
    for at in range(PARTS):
        both = (*spilled.keys.part(at), *spilled.refined.part(at))
        hashes, ordinals = _sorted(np.concatenate(both[::2]), np.concatenate(both[1::2]))
        spilled.sorted_keys.extend(hashes, ordinals)
        keys += len(_spans(hashes)[0])
    return keys


def splits(keys: Hashes, counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which blocks are so large that they are split among more specific keys."""
    family = families_of(keys)
    split: NDArray[np.bool_] = (counts > BLOCK_LIMIT) & (family != RECORD_ID) & (family < CLOSE_NAME)
    return split


def _refined(key: np.uint64, members: Members, traits: Hashes) -> tuple[Hashes, Members]:
    """The more specific keys of a large block's members: its key with each trait that it does not hold already."""
    usable = traits[:, list(NARROWING[int(key) & REFINED])]
    usable = np.column_stack((usable, np.where((usable == 0).all(axis=1), np.uint64(NO_TRAIT), np.uint64(0))))
    row, column = np.nonzero(usable)
    return mixed_many(np.full(len(row), key), usable[row, column], REFINED), members[row]


def _refuse_doubles(
    hashes: Hashes, ordinals: Members, first: NDArray[np.int64], counts: NDArray[np.int64], spilled: _Spilled
) -> None:
    doubled = np.flatnonzero((counts > 1) & (families_of(hashes[first]) == RECORD_ID))
    if len(doubled):
        rows = spilled.rows.array()
        one, other = (int(rows[it]) for it in ordinals[first[doubled[0]] : first[doubled[0]] + 2])
        raise InvalidInput(
            f"the record_id stands in row {one} as well.",
            where=f"row {other}, column record_id",
            mend="Give each record an identifier of its own.",
        )


def _sort_variants(spilled: _Spilled) -> int:
    """Sort each part, with a name's place among `names` instead of its hash, each once. Answers the variants."""
    for at in range(PARTS):
        spilled.names.extend(np.unique(spilled.close_names.part(at)[0]))
    names = spilled.names.array()
    keys = 0
    for at in range(PARTS):
        variants_of, names_of = spilled.variants.part(at)
        places = np.searchsorted(names, names_of).astype(np.uint32)
        order = np.lexsort((places, variants_of))
        hashes, places = variants_of[order], places[order]
        fresh = np.ones(len(hashes), dtype=np.bool_)
        fresh[1:] = (hashes[1:] != hashes[:-1]) | (places[1:] != places[:-1])
        spilled.sorted_variants.extend(hashes[fresh], places[fresh])
        keys += len(_spans(hashes)[0])
    return keys


def _sorted(hashes: Hashes, values: Members) -> tuple[Hashes, Members]:
    order = np.argsort(hashes, kind="stable")
    return hashes[order], values[order]


def _spans(hashes: Hashes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of sorted hashes: where each distinct one begins, and how often it stands there."""
    first = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1]))) if len(hashes) else np.empty(0, int)
    return first, np.diff(np.concatenate((first, [len(hashes)])))


def _run(hashes: Hashes, values: NDArray[Any]) -> Run:
    first, counts = _spans(hashes)
    return Run(hashes[first], counts, values.astype(np.uint32), splits(hashes[first], counts))


def _copy(column: Column, section: SectionWriter) -> None:
    held = column.array()
    for at in range(0, len(held), _SEEN_NAMES):
        section.write(np.ascontiguousarray(held[at : at + _SEEN_NAMES]).view(np.uint8).data)
