"""A column of Arrow's as texts, each value as a CSV file would have it.

Dates are ISO 8601, a timestamp at midnight is its date, whole numbers stand without a fraction, and nothing is an empty
text.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Texts = Sequence[str | None]  # None where a number is not exact
LONGEST_TEXT = 1 << 20  # bytes
_EXACT = 2.0**53  # from here on a number that allows fractions stands for several whole ones
_MIDNIGHT = re.compile(r" 00:00:00(\.0+)?([+-]\d{4}|Z)?$")


class LongTextError(Exception):
    """A value of more than `LONGEST_TEXT` bytes."""


def has_texts(kind: pa.DataType) -> bool:
    """Whether a text says all that a value of the type says: not so of bytes, lists and structures."""
    return is_text(kind) or _converter(kind) is not None


def is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def texts_of(column: pa.Array) -> Texts:
    """Raises `LongTextError`, or pyarrow's errors where a value has no text, such as a day of a far millennium."""
    if isinstance(column, pa.DictionaryArray):
        # Each of its values once, for the rows to share.
        at = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        used, places = np.unique(at, return_inverse=True)
        texts = texts_of(column.dictionary.take(pa.array(used, mask=used < 0)))
        return [texts[place] for place in places.tolist()]
    if is_text(column.type):
        lengths = pc.binary_length(column.cast(pa.large_string()))
        if (pc.max(lengths).as_py() or 0) > LONGEST_TEXT:
            raise LongTextError
        return _filled(column)
    convert = _converter(column.type)
    if convert is None:
        raise pa.ArrowNotImplementedError(str(column.type))
    return convert(column)


def _converter(kind: pa.DataType) -> Callable[[pa.Array], Texts] | None:
    if pa.types.is_dictionary(kind):
        return texts_of if has_texts(kind.value_type) else None
    for of_kind, convert in _CONVERTERS:
        if of_kind(kind):
            return convert
    return None


def _filled(column: pa.Array) -> list[str]:
    return ["" if it is None else it for it in column.to_pylist()]


def _cast(column: pa.Array) -> list[str]:
    return _filled(column.cast(pa.string()))


def _timestamps(column: pa.Array) -> list[str]:
    return [_MIDNIGHT.sub("", it) for it in _cast(column)]


def _uuids(column: pa.Array) -> list[str]:
    return ["" if it is None else str(uuid.UUID(bytes=it)) for it in column.storage.to_pylist()]


def _decimals(column: pa.Array) -> list[str]:
    return ["" if it is None else _plain(it) for it in column.to_pylist()]


def _floats(column: pa.Array) -> Texts:
    return [_of_float(it) for it in column.cast(pa.float64()).to_pylist()]


def _of_float(value: float | None) -> str | None:
    if value is None or value != value:
        return ""
    return _plain(Decimal(repr(value))) if abs(value) < _EXACT else None


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
