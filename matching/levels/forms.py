"""Records in the form that the kernel reads: a row of numbers each, and one heap of text."""

from __future__ import annotations

from codecs import utf_16_le_encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from matching.normalising import NormalRecord
from matching.normalising.identifiers import Kind
from matching.normalising.transliteration import consonants

VERSION = "5"
# The texts of a record stand in the heap one after the other, in UTF-16, in this order.
TEXTS = (
    *("plain", "romanised", "foreign", "reading", "rings", "id_number", "document_number", "phone", "plate", "vin"),
    *("street", "number", "suburb", "postcode", "state", "make", "colour", "place", "belongings"),
)
_RINGS = TEXTS.index("rings")  # hashes; of a name that is read in one way, `ring` says it all
_LONGEST = 2000  # units of UTF-16; no text of a record that is longer is worth comparing
CHINESE, TRANSLITERATED, VALID_ID, VALID_VIN = 1, 2, 4, 8
_KINDS: tuple[Kind | None, ...] = (None, *get_args(Kind))
SEXES = ("M", "F")
COLOURS = ("blue", "yellow", "green", "white", "black")
FORM = np.dtype(
    [
        ("at", "<u8"),  # where the record's texts begin, in units of the heap
        ("ring", "<u8"),
        ("sound", "<u8"),  # consonants of the name
        ("family", "<u8"),  # name, where a column of its own gives it
        ("ends", "<u2", (len(TEXTS),)),  # of each text, from `at`
        ("born", "<u4"),  # YYYYMMDD, 00 for what is not known
        ("happened", "<u4"),
        ("height", "<u2"),
        ("flags", "u1"),
        ("sex", "u1"),
        ("id_kind", "u1"),
        ("plate_colour", "u1"),
    ]
)
Rows = NDArray[Any]  # of FORM
Heap = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Forms:
    """Never written again, like those of an index file: the kernel is compiled for the one kind of array."""

    rows: Rows
    heap: Heap

    def __len__(self) -> int:
        return len(self.rows)


def forms(records: Iterable[NormalRecord], at: int = 0) -> Forms:
    """`at`: where in a longer heap the texts will stand."""
    rows, texts = [], []
    for record in records:
        ends, text = _texts(record)
        rows.append((at, *_hashes(record), ends, *_numbers(record)))
        texts.append(text)
        at += len(text) // 2
    heap = np.frombuffer(b"".join(texts), dtype="<u2") if any(texts) else read_only(np.zeros(1, dtype="<u2"))
    return Forms(read_only(np.array(rows, dtype=FORM)), heap)


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array


def _texts(record: NormalRecord) -> tuple[list[int], bytes]:
    name, address, locality = record.name, record.address, record.locality
    texts = (
        *((name.plain, name.romanised, name.foreign, name.ring) if name else (None,) * 4),
        None,
        record.id_number.text if record.id_number else None,
        record.document_number,
        record.phone,
        record.plate.text if record.plate else None,
        record.vin.text if record.vin else None,
        *((address.street, address.number) if address else (None, None)),
        *((locality.suburb, locality.postcode, locality.state) if locality else (None,) * 3),
        record.make,
        record.colour,
        record.place,
        record.belongings,
    )
    units = [_units(text) if text else b"" for text in texts]
    if name and len(name.rings) > 1:
        units[_RINGS] = b"".join([_hash(ring) for ring in name.rings])
    return [end // 2 for end in accumulate(map(len, units))], b"".join(units)


def _units(text: str) -> bytes:
    units, _ = utf_16_le_encode(text, "surrogatepass")  # `encode` would look the codec up each time
    return units if len(units) <= 2 * _LONGEST else b""


def _hashes(record: NormalRecord) -> tuple[int, int, int]:
    """Of the reading, of the consonants and of the family name: 0 for none."""
    name = record.name
    if name is None:
        return 0, 0, 0
    sound = consonants(name.romanised)
    return _number(name.ring), _number(sound) if sound else 0, _number(name.family) if name.family else 0


@lru_cache(maxsize=65536)
def _hash(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _number(text: str) -> int:
    return int.from_bytes(_hash(text), "little") or 1


def _numbers(record: NormalRecord) -> tuple[int, ...]:
    return (
        _day(record.birth_date),
        _day(record.happened_on),
        record.height_cm or 0,
        _flags(record),
        SEXES.index(record.sex) + 1 if record.sex else 0,
        _KINDS.index(record.id_number.kind) if record.id_number else 0,
        COLOURS.index(record.plate_colour) + 1 if record.plate_colour else 0,
    )


def _flags(record: NormalRecord) -> int:
    flags = 0
    if record.name is not None:
        flags = CHINESE * record.name.is_chinese | TRANSLITERATED * record.name.is_transliterated
    if record.id_number is not None and record.id_number.valid:
        flags |= VALID_ID
    if record.vin is not None and record.vin.valid:
        flags |= VALID_VIN
    return flags


def _day(day: str | None) -> int:
    return int(day.replace("-", "").ljust(8, "0")) if day else 0
