"""A column of Arrow's as texts, each value as a CSV file would have it.

Dates are ISO 8601, a timestamp at midnight is its date, whole numbers stand without a fraction, and nothing is an empty
text.
"""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_LONGEST_TEXT = 1 << 16  # bytes
_EXACT = 2.0**53  # from here on a number that allows fractions stands for several whole ones
_MIDNIGHT = re.compile(r" 00:00:00(\.0+)?([+-]\d{4}|Z)?$")


Doubt = tuple[str, str]  # what is wrong with a value, and how to mend it
_INEXACT: Doubt = ("a number too large to be exact as it is stored.", "Write the column as text.")


@dataclass(frozen=True, slots=True)
class Texts:
    values: list[str]
    doubts: Sequence[tuple[int, Doubt]] = ()  # which of them cannot be told


def has_texts(kind: pa.DataType) -> bool:
    """Whether a text says all that a value of the type says: not so of bytes, lists and structures."""
    return is_text(kind) or _converter(kind) is not None


def is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def texts_of(column: pa.Array) -> Texts:
    """Raises pyarrow's errors where values have no text, such as times in a zone that this machine does not know."""
    if isinstance(column, pa.DictionaryArray):
        return _shared(column)
    if is_text(column.type):
        return _limited(column.cast(pa.large_string()))
    convert = _converter(column.type)
    if convert is None:
        raise pa.ArrowNotImplementedError(str(column.type))
    return convert(column)


def longest_text(texts: pa.Array) -> int:
    """In bytes."""
    return pc.max(pc.binary_length(texts)).as_py() or 0


def _shared(column: pa.DictionaryArray) -> Texts:
    """Each of its values once, for the rows to share."""
    at = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    used, places = np.unique(at, return_inverse=True)
    texts = texts_of(column.dictionary.take(pa.array(used, mask=used < 0)))
    doubts = dict(texts.doubts)
    doubtful = [(row, doubts[place]) for row, place in enumerate(places.tolist()) if place in doubts] if doubts else ()
    return Texts([texts.values[place] for place in places.tolist()], doubtful)


def _limited(column: pa.Array) -> Texts:
    if longest_text(column) <= _LONGEST_TEXT:
        return Texts(_filled(column))
    lengths = pc.fill_null(pc.binary_length(column), 0).to_numpy(zero_copy_only=False)
    long = np.flatnonzero(lengths > _LONGEST_TEXT).tolist()
    values = _filled(pc.if_else(pa.array(lengths > _LONGEST_TEXT), "", column))
    return Texts(values, [(at, (f"{lengths[at]} bytes of text.", "Shorten it.")) for at in long])


def _converter(kind: pa.DataType) -> Callable[[pa.Array], Texts] | None:
    if pa.types.is_dictionary(kind):
        return texts_of if has_texts(kind.value_type) else None
    for of_kind, convert in _CONVERTERS:
        if of_kind(kind):
            return convert
    return None


def _filled(column: pa.Array) -> list[str]:
    return ["" if it is None else it for it in column.to_pylist()]


def _cast(column: pa.Array) -> Texts:
    return Texts(_filled(column.cast(pa.string())))


def _timestamps(column: pa.Array) -> Texts:
    return Texts([_MIDNIGHT.sub("", it) for it in _cast(column).values])


def _uuids(column: pa.Array) -> Texts:
    return Texts(["" if it is None else str(uuid.UUID(bytes=it)) for it in column.storage.to_pylist()])


def _decimals(column: pa.Array) -> Texts:
    return Texts(["" if it is None else _plain(it) for it in column.to_pylist()])


def _floats(column: pa.Array) -> Texts:
    values = column.cast(pa.float64()).to_pylist()
    known = [None if it is None or math.isnan(it) else it for it in values]
    inexact = [at for at, it in enumerate(known) if it is not None and abs(it) >= _EXACT]
    texts = ["" if it is None or abs(it) >= _EXACT else _plain(Decimal(repr(it))) for it in known]
    return Texts(texts, [(at, _INEXACT) for at in inexact])


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_CONVERTERS: tuple[tuple[Callable[[Any], bool], Callable[[pa.Array], Texts]], ...] = (
    (pa.types.is_floating, _floats),
    (pa.types.is_timestamp, _timestamps),
    (pa.types.is_decimal, _decimals),
    (lambda kind: isinstance(kind, pa.UuidType), _uuids),
    *((of_kind, _cast) for of_kind in (pa.types.is_integer, pa.types.is_boolean, pa.types.is_date)),
    *((of_kind, _cast) for of_kind in (pa.types.is_time, pa.types.is_duration, pa.types.is_null)),
)
