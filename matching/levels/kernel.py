"""Which levels many pairs reach, compiled: the same as `comparing`, which says why each level is as it is.

One file, since a compiled function that is kept on the disk does not notice that a function in another file changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from matching.levels.forms import Forms, forms, read_only
from matching.model import FIELDS, MODEL

Levels = NDArray[np.uint8]  # pairs x FIELDS: the place of the level in the model's order
NOT_COMPARABLE = 255
_UNWRAPPED: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Kept on the disk where the disk takes it; a read-only installation compiles at each start."""
    try:
        return cast("F", numba.njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:
        return cast("F", numba.njit(nogil=True, error_model="numpy")(function))


def part(function: F) -> F:
    """A function that compiled ones call."""
    return cast("F", numba.njit(nogil=True, error_model="numpy", **_UNWRAPPED)(function))


def levels(left: Forms, right: Forms, at: NDArray[np.int64], to: NDArray[np.int64]) -> Levels:
    """Of the pairs (left[at], right[to]); `NOT_COMPARABLE` where a side lacks the field."""
    found = np.full((len(at), len(FIELDS)), NOT_COMPARABLE, dtype=np.uint8)
    _levels(left.rows, left.heap, right.rows, right.heap, at, to, found)
    return found


def prepare() -> None:
    """Compile the kernel where it was not yet: some seconds, once after an installation."""
    nothing = forms(())
    levels(nothing, nothing, np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


def edits_within(left: Sequence[str], right: Sequence[str], limits: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each pair of texts is within its limit of edits."""
    found = np.empty(len(limits), dtype=np.bool_)
    _edits(*_heap(left), *_heap(right), limits, found)
    return found


def _heap(texts: Sequence[str]) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    units = [np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype="<u2") for text in texts]
    ends = np.cumsum([0, *(len(it) for it in units)])
    return read_only(np.concatenate(units)), ends


# Places in `forms.TEXTS`.
_PLAIN, _ROMANISED, _FOREIGN, _READING, _RINGS, _ID, _DOCUMENT, _PHONE, _PLATE, _VIN, _STREET, _NUMBER = range(12)
_SUBURB, _POSTCODE, _STATE, _MAKE, _COLOUR, _PLACE, _BELONGINGS = range(12, 19)
_CHINESE, _TRANSLITERATED, _VALID_ID, _VALID_VIN = 1, 2, 4, 8
# Places in `model.FIELDS`, and in the levels of each; `_checked` holds them to the model.
_NAME, _BIRTH_DATE, _SEX, _ID_NUMBER, _DOCUMENT_NUMBER, _PHONE_FIELD, _PLATE_FIELD, _PLATE_COLOUR = range(8)
_VIN_FIELD, _ADDRESS, _LOCALITY, _MAKE_FIELD, _COLOUR_FIELD, _HEIGHT, _PLACE_FIELD, _HAPPENED = range(8, 16)
_BELONGINGS_FIELD = 16
_EXACT, _HOMOPHONE, _CLOSE, _ONE_CHARACTER, _DIFFERENT, _ROMANISED_EXACT, _LATIN_EXACT = 0, 1, 2, 3, 4, 5, 9
_PARTS_EXACT, _PARTS_CLOSE, _PARTS_WITHIN, _PARTS_PART, _PARTS_DIFFERENT = range(5)
_BLUE, _YELLOW = 1, 2
_TEXTS, _LONGEST_EDITED, _LONGEST_PART, _MOST_PARTS, _BLANK = 19, 64, 32, 8, 32
_SHORTEST_READING, _SHORTEST_TEXT = 6, 5
# As numpy's, since a function is compiled once for each plain number that it is called with.
_ONE_SLIP, _TWO_SLIPS, _ZERO = np.int64(1), np.int64(2), np.int64(0)
_SHORTEST_DOCUMENT, _SHORTEST_PHONE = np.int64(6), np.int64(7)


@compiled
def _levels(left_rows, left_heap, right_rows, right_heap, at, to, found):
    bounds_a, bounds_b = np.empty(_TEXTS + 1, np.int64), np.empty(_TEXTS + 1, np.int64)
    parts = np.empty((4, _MOST_PARTS), np.int64)
    for pair in range(len(at)):
        a, b = left_rows[at[pair]], right_rows[to[pair]]
        _bound(a, bounds_a)
        _bound(b, bounds_b)
        _pair(a, left_heap, bounds_a, b, right_heap, bounds_b, parts, found[pair])


@compiled
def _edits(left_heap, left_ends, right_heap, right_ends, limits, found):
    for pair in range(len(limits)):
        a, b = (left_ends[pair], left_ends[pair + 1]), (right_ends[pair], right_ends[pair + 1])
        found[pair] = _within(left_heap, a, right_heap, b, limits[pair])


@part
def _bound(row, bounds):
    """Where each text of the record begins, and behind the last one."""
    bounds[0] = row.at
    for which in range(_TEXTS):
        bounds[which + 1] = bounds[0] + row.ends[which]


@part
def _pair(a, heap_a, bounds_a, b, heap_b, bounds_b, parts, out):
    out[_NAME] = _names(a, heap_a, bounds_a, b, heap_b, bounds_b, parts)
    out[_ID_NUMBER] = _id_numbers(a, heap_a, bounds_a, b, heap_b, bounds_b)
    numbers_agree = out[_ID_NUMBER] <= 2
    if a.born and b.born:
        level = _dates_of_birth(a.born, b.born)
        out[_BIRTH_DATE] = 10 if level == 0 and numbers_agree else level
    if a.sex and b.sex:
        out[_SEX] = 1 if a.sex != b.sex else 2 if numbers_agree else 0
    out[_DOCUMENT_NUMBER] = _numbers(
        heap_a,
        (bounds_a[_DOCUMENT], bounds_a[_DOCUMENT + 1]),
        heap_b,
        (bounds_b[_DOCUMENT], bounds_b[_DOCUMENT + 1]),
        _SHORTEST_DOCUMENT,
    )
    out[_PHONE_FIELD] = _numbers(
        heap_a,
        (bounds_a[_PHONE], bounds_a[_PHONE + 1]),
        heap_b,
        (bounds_b[_PHONE], bounds_b[_PHONE + 1]),
        _SHORTEST_PHONE,
    )
    name = out[_NAME]
    partly_other = name == 3 or name == 7 or name == 12
    renamed = partly_other and a.family and b.family and a.family != b.family
    other_name = (partly_other or name == 4 or name == 8 or name == 13) and not renamed
    if other_name and out[_PHONE_FIELD] == 0:
        out[_PHONE_FIELD] = 3
    out[_PLATE_FIELD] = _same(
        heap_a, (bounds_a[_PLATE], bounds_a[_PLATE + 1]), heap_b, (bounds_b[_PLATE], bounds_b[_PLATE + 1])
    )
    if out[_PLATE_FIELD] == 0 and a.plate_colour and b.plate_colour:
        out[_PLATE_COLOUR] = _plate_colours(a.plate_colour, b.plate_colour)
    out[_VIN_FIELD] = _vins(a, heap_a, bounds_a, b, heap_b, bounds_b)
    out[_ADDRESS] = _addresses(a, heap_a, bounds_a, b, heap_b, bounds_b)
    if other_name and out[_ADDRESS] <= 2:
        out[_ADDRESS] = 4
    out[_LOCALITY] = _localities(a, heap_a, bounds_a, b, heap_b, bounds_b)
    out[_MAKE_FIELD] = _texts(
        heap_a, (bounds_a[_MAKE], bounds_a[_MAKE + 1]), heap_b, (bounds_b[_MAKE], bounds_b[_MAKE + 1])
    )
    out[_COLOUR_FIELD] = _same(
        heap_a, (bounds_a[_COLOUR], bounds_a[_COLOUR + 1]), heap_b, (bounds_b[_COLOUR], bounds_b[_COLOUR + 1])
    )
    if a.height and b.height:
        apart = abs(np.int64(a.height) - np.int64(b.height))
        out[_HEIGHT] = 0 if apart <= 2 else 1 if apart <= 5 else 2
    out[_PLACE_FIELD] = _texts(
        heap_a, (bounds_a[_PLACE], bounds_a[_PLACE + 1]), heap_b, (bounds_b[_PLACE], bounds_b[_PLACE + 1])
    )
    if a.happened and b.happened:
        out[_HAPPENED] = _happenings(a.happened, b.happened)
    out[_BELONGINGS_FIELD] = _belongings(
        heap_a,
        (bounds_a[_BELONGINGS], bounds_a[_BELONGINGS + 1]),
        heap_b,
        (bounds_b[_BELONGINGS], bounds_b[_BELONGINGS + 1]),
    )


@part
def _length(span):
    return span[1] - span[0]


@part
def _names(a, heap_a, bounds_a, b, heap_b, bounds_b, parts):
    plain_a, plain_b = (bounds_a[_PLAIN], bounds_a[_PLAIN + 1]), (bounds_b[_PLAIN], bounds_b[_PLAIN + 1])
    if _length(plain_a) == 0 or _length(plain_b) == 0:
        return NOT_COMPARABLE
    chinese_a, chinese_b = a.flags & _CHINESE, b.flags & _CHINESE
    consonant = (a.flags | b.flags) & _TRANSLITERATED and a.sound and a.sound == b.sound
    if chinese_a and chinese_b:
        return _chinese_names(a, heap_a, bounds_a, b, heap_b, bounds_b, consonant, parts)
    two_scripts = chinese_a or chinese_b
    exact = _ROMANISED_EXACT if two_scripts else _LATIN_EXACT
    if not two_scripts and _equal(heap_a, plain_a, heap_b, plain_b):
        return exact
    if _same_reading(a, heap_a, bounds_a, b, heap_b, bounds_b):
        return exact
    alike = _PARTS_CLOSE
    if not consonant:
        romanised_a = (bounds_a[_ROMANISED], bounds_a[_ROMANISED + 1])
        romanised_b = (bounds_b[_ROMANISED], bounds_b[_ROMANISED + 1])
        alike = _parts_alike(heap_a, romanised_a, heap_b, romanised_b, parts)
        if alike >= _PARTS_PART and _readings_close(heap_a, bounds_a, heap_b, bounds_b):
            alike = _PARTS_CLOSE
    if two_scripts and alike >= _PARTS_WITHIN:  # there, `within` counts as `part`
        return exact + (2 if alike <= _PARTS_PART else 3)
    return exact + alike


@part
def _chinese_names(a, heap_a, bounds_a, b, heap_b, bounds_b, consonant, parts):
    plain_a, plain_b = (bounds_a[_PLAIN], bounds_a[_PLAIN + 1]), (bounds_b[_PLAIN], bounds_b[_PLAIN + 1])
    if _equal(heap_a, plain_a, heap_b, plain_b):
        return _EXACT
    if a.ring == b.ring or _equal(
        heap_a,
        (bounds_a[_ROMANISED], bounds_a[_ROMANISED + 1]),
        heap_b,
        (bounds_b[_ROMANISED], bounds_b[_ROMANISED + 1]),
    ):
        return _HOMOPHONE
    if consonant or _lacks_a_part(heap_a, bounds_a, heap_b, bounds_b, parts):
        return _CLOSE
    near = min(_length(plain_a), _length(plain_b)) >= 3 and _within(heap_a, plain_a, heap_b, plain_b, _ONE_SLIP)
    return _ONE_CHARACTER if near else _DIFFERENT


@part
def _lacks_a_part(heap_a, bounds_a, heap_b, bounds_b, parts):
    foreign_a = (bounds_a[_FOREIGN], bounds_a[_FOREIGN + 1])
    foreign_b = (bounds_b[_FOREIGN], bounds_b[_FOREIGN + 1])
    if _length(foreign_a) == 0 or _length(foreign_b) == 0:
        return False
    return _parts_alike(heap_a, foreign_a, heap_b, foreign_b, parts) == _PARTS_WITHIN


@part
def _readings_close(heap_a, bounds_a, heap_b, bounds_b):
    a, b = (bounds_a[_READING], bounds_a[_READING + 1]), (bounds_b[_READING], bounds_b[_READING + 1])
    return min(_length(a), _length(b)) >= _SHORTEST_READING and _within(heap_a, a, heap_b, b, _ONE_SLIP)


@part
def _same_reading(a, heap_a, bounds_a, b, heap_b, bounds_b):
    if a.ring == b.ring or _equal(
        heap_a,
        (bounds_a[_ROMANISED], bounds_a[_ROMANISED + 1]),
        heap_b,
        (bounds_b[_ROMANISED], bounds_b[_ROMANISED + 1]),
    ):
        return True
    rings_a, rings_b = bounds_a[_RINGS + 1] - bounds_a[_RINGS], bounds_b[_RINGS + 1] - bounds_b[_RINGS]
    for i in range(max(1, rings_a // 4)):
        ring = _ring(heap_a, bounds_a[_RINGS] + 4 * i) if rings_a else a.ring
        for j in range(max(1, rings_b // 4)):
            if ring == (_ring(heap_b, bounds_b[_RINGS] + 4 * j) if rings_b else b.ring):
                return True
    return False


@part
def _ring(heap, at):
    """A hash out of the heap."""
    ring = np.uint64(0)
    for place in range(4):
        ring |= np.uint64(heap[at + place]) << np.uint64(16 * place)
    return ring


@part
def _parts(heap, span, begins, ends):
    count, at = 0, span[0]
    while at < span[1] and count < _MOST_PARTS:
        begins[count] = at
        while at < span[1] and heap[at] != _BLANK:
            at += 1
        ends[count] = at
        count += 1
        at += 1
    return count


@part
def _parts_alike(heap_a, span_a, heap_b, span_b, parts):
    begin_a, end_a, begin_b, end_b = parts[0], parts[1], parts[2], parts[3]
    n_a, n_b = _parts(heap_a, span_a, begin_a, end_a), _parts(heap_b, span_b, begin_b, end_b)
    exact, shared, i = 0, False, _ZERO
    while i < n_a:  # parts that agree leave both names; what stays keeps its order
        same = np.int64(-1)
        for j in range(n_b):
            if same < 0 and _equal(heap_a, (begin_a[i], end_a[i]), heap_b, (begin_b[j], end_b[j])):
                same = j
        if same < 0:
            i += 1
            continue
        shared = shared or end_a[i] - begin_a[i] >= 3
        exact += 1
        n_a, n_b = _left_out(begin_a, end_a, n_a, i), _left_out(begin_b, end_b, n_b, same)
    if n_a == 0 and n_b == 0:
        return _PARTS_EXACT
    close_a = _with_a_like(heap_a, begin_a, end_a, n_a, heap_b, begin_b, end_b, n_b)
    close = min(close_a, _with_a_like(heap_b, begin_b, end_b, n_b, heap_a, begin_a, end_a, n_a))
    if n_a == n_b and close == n_a:
        return _PARTS_CLOSE
    if n_a == 2 and n_b == 1 and _joined_alike(heap_a, begin_a, end_a, heap_b, (begin_b[0], end_b[0])):
        return _PARTS_CLOSE
    if n_a == 1 and n_b == 2 and _joined_alike(heap_b, begin_b, end_b, heap_a, (begin_a[0], end_a[0])):
        return _PARTS_CLOSE
    if exact and (n_a == 0 or n_b == 0):
        return _PARTS_WITHIN
    return _PARTS_PART if shared or close == min(n_a, n_b) else _PARTS_DIFFERENT


@part
def _left_out(begins, ends, count, which):
    for at in range(which, count - 1):
        begins[at], ends[at] = begins[at + 1], ends[at + 1]
    return count - 1


@part
def _with_a_like(heap_a, begin_a, end_a, n_a, heap_b, begin_b, end_b, n_b):
    found = 0
    for i in range(n_a):
        for j in range(n_b):
            if _is_like(heap_a, (begin_a[i], end_a[i]), heap_b, (begin_b[j], end_b[j])):
                found += 1
                break
    return found


@part
def _is_like(heap_a, a, heap_b, b):
    shortest = min(_length(a), _length(b))
    if shortest == 1:
        return heap_a[a[0]] == heap_b[b[0]]
    if shortest < 3 or max(_length(a), _length(b)) > _LONGEST_PART:
        return False
    return _within(heap_a, a, heap_b, b, _ONE_SLIP if shortest < 8 else _TWO_SLIPS)


@part
def _joined_alike(heap, begin, end, other_heap, other):
    first, second = end[0] - begin[0], end[1] - begin[1]
    if first + second > _LONGEST_PART:
        return False
    joined, whole = np.empty(_LONGEST_PART, np.uint16), _without_blanks(other_heap, other)
    for one in range(2):
        at = _ZERO
        for which in (one, 1 - one):
            for place in range(begin[which], end[which]):
                joined[at] = heap[place]
                at += 1
        if _is_like(joined, (_ZERO, at), whole, (_ZERO, len(whole))):
            return True
    return False


@part
def _dates_of_birth(a, b):
    if a % 100 == 0 or b % 100 == 0:
        if a % 10_000 == 0 or b % 10_000 == 0:
            return 8 if a // 10_000 == b // 10_000 else 9
        return 6 if a // 100 == b // 100 else 7
    if a == b:
        return 0
    same_year = a // 10_000 == b // 10_000
    if same_year and a % 100 == b // 100 % 100 and b % 100 == a // 100 % 100:
        return 1
    slips = _digit_slips(np.int64(a), np.int64(b))
    return 1 + slips if slips <= 2 else 4 if same_year else 5


@part
def _digit_slips(a, b):
    """How many of the eight digits differ; two neighbours exchanged within year, month or day are one slip."""
    differing, first, last = 0, -1, -1
    x, y = a, b
    for place in range(8):
        if x % 10 != y % 10:
            differing += 1
            first = place if first < 0 else first
            last = place
        x, y = x // 10, y // 10
    if differing != 2 or last != first + 1 or last == 2 or last == 4:
        return differing
    low, high = 10**first, 10**last
    return 1 if a // low % 10 == b // high % 10 and a // high % 10 == b // low % 10 else 2


@part
def _id_numbers(a, heap_a, bounds_a, b, heap_b, bounds_b):
    text_a, text_b = (bounds_a[_ID], bounds_a[_ID + 1]), (bounds_b[_ID], bounds_b[_ID + 1])
    if _length(text_a) == 0 or _length(text_b) == 0:
        return NOT_COMPARABLE
    valid_a, valid_b = a.flags & _VALID_ID, b.flags & _VALID_ID
    if _equal(heap_a, text_a, heap_b, text_b):
        return 0 if valid_a else 1
    if valid_a and valid_b:
        return 4 if a.id_kind == b.id_kind and _length(text_a) == _length(text_b) else 3
    return 2 if _within(heap_a, text_a, heap_b, text_b, _ONE_SLIP) else 3


@part
def _vins(a, heap_a, bounds_a, b, heap_b, bounds_b):
    text_a, text_b = (bounds_a[_VIN], bounds_a[_VIN + 1]), (bounds_b[_VIN], bounds_b[_VIN + 1])
    if _length(text_a) == 0 or _length(text_b) == 0:
        return NOT_COMPARABLE
    if _equal(heap_a, text_a, heap_b, text_b):
        return 0
    if a.flags & _VALID_VIN and b.flags & _VALID_VIN:
        return 3
    return 1 if _within(heap_a, text_a, heap_b, text_b, _ONE_SLIP) else 2


@part
def _numbers(heap_a, a, heap_b, b, shortest):
    if _length(a) == 0 or _length(b) == 0:
        return NOT_COMPARABLE
    if _equal(heap_a, a, heap_b, b):
        return 0
    return 1 if min(_length(a), _length(b)) >= shortest and _within(heap_a, a, heap_b, b, _ONE_SLIP) else 2


@part
def _same(heap_a, a, heap_b, b):
    if _length(a) == 0 or _length(b) == 0:
        return NOT_COMPARABLE
    return 0 if _equal(heap_a, a, heap_b, b) else 1


@part
def _plate_colours(a, b):
    if a == b:
        return 0
    return 2 if min(a, b) == _BLUE and max(a, b) == _YELLOW else 1


@part
def _addresses(a, heap_a, bounds_a, b, heap_b, bounds_b):
    street_a, street_b = (bounds_a[_STREET], bounds_a[_STREET + 1]), (bounds_b[_STREET], bounds_b[_STREET + 1])
    if _length(street_a) == 0 or _length(street_b) == 0:
        return NOT_COMPARABLE
    if _equal(heap_a, street_a, heap_b, street_b):
        return (
            0
            if _equal(
                heap_a, (bounds_a[_NUMBER], bounds_a[_NUMBER + 1]), heap_b, (bounds_b[_NUMBER], bounds_b[_NUMBER + 1])
            )
            else 1
        )
    return 2 if _texts_close(heap_a, street_a, heap_b, street_b) else 3


@part
def _localities(a, heap_a, bounds_a, b, heap_b, bounds_b):
    postcode_a, postcode_b, suburb_a, suburb_b = (
        (bounds_a[_POSTCODE], bounds_a[_POSTCODE + 1]),
        (bounds_b[_POSTCODE], bounds_b[_POSTCODE + 1]),
        (bounds_a[_SUBURB], bounds_a[_SUBURB + 1]),
        (bounds_b[_SUBURB], bounds_b[_SUBURB + 1]),
    )
    known, same, close = 0, 0, 0
    if _length(postcode_a) and _length(postcode_b):
        known += 1
        if _equal(heap_a, postcode_a, heap_b, postcode_b):
            same += 1
        elif _within(heap_a, postcode_a, heap_b, postcode_b, _ONE_SLIP):
            close += 1
    if _length(suburb_a) and _length(suburb_b):
        known += 1
        if _equal(heap_a, suburb_a, heap_b, suburb_b):
            same += 1
        elif _texts_close(heap_a, suburb_a, heap_b, suburb_b):
            close += 1
    if known and same == known:
        return 0
    if same or (known and close == known):
        return 1
    state = _same(heap_a, (bounds_a[_STATE], bounds_a[_STATE + 1]), heap_b, (bounds_b[_STATE], bounds_b[_STATE + 1]))
    if state == 0:
        return 2
    return 3 if known or state == 1 else NOT_COMPARABLE


@part
def _texts(heap_a, a, heap_b, b):
    if _length(a) == 0 or _length(b) == 0:
        return NOT_COMPARABLE
    if _equal(heap_a, a, heap_b, b):
        return 0
    held = _holds(heap_a, a, heap_b, b) or _holds(heap_b, b, heap_a, a)
    return 1 if held or _dice(heap_a, a, heap_b, b) >= 0.5 else 2


@part
def _belongings(heap_a, a, heap_b, b):
    if _length(a) == 0 or _length(b) == 0:
        return NOT_COMPARABLE
    likeness = _dice(heap_a, a, heap_b, b)
    return 0 if likeness >= 0.6 else 1 if likeness >= 0.3 else 2


@part
def _happenings(a, b):
    if a % 100 == 0 or b % 100 == 0:
        months = a // 100 % 100 and b // 100 % 100
        return 1 if months and a // 100 == b // 100 else 2
    if a == b:
        return 0
    return 1 if abs(_days(np.int64(a)) - _days(np.int64(b))) <= 30 else 2


@part
def _days(day):
    """Days since a fixed day of the Gregorian calendar (Fliegel and Van Flandern, CACM 11, 1968)."""
    year, month = day // 10_000, day // 100 % 100
    early = 1 if month <= 2 else 0
    shifted_year, shifted_month = year + 4800 - early, month + 12 * early - 3
    leaps = shifted_year // 4 - shifted_year // 100 + shifted_year // 400
    return day % 100 + (153 * shifted_month + 2) // 5 + 365 * shifted_year + leaps


@part
def _equal(heap_a, a, heap_b, b):
    if a[1] - a[0] != b[1] - b[0]:
        return False
    for i in range(a[1] - a[0]):
        if heap_a[a[0] + i] != heap_b[b[0] + i]:
            return False
    return True


@part
def _holds(heap_a, a, heap_b, b):
    length = b[1] - b[0]
    for begin in range(a[0], a[1] - length + 1):
        if _equal(heap_a, (begin, begin + length), heap_b, b):
            return True
    return False


@part
def _texts_close(heap_a, a, heap_b, b):
    joined, other = _without_blanks(heap_a, a), _without_blanks(heap_b, b)
    longest = max(len(joined), len(other))
    limit = min(3, longest // 8 + 1)
    if longest >= _SHORTEST_TEXT and _within(joined, (_ZERO, len(joined)), other, (_ZERO, len(other)), limit):
        return True
    return _dice(heap_a, a, heap_b, b) >= 0.7


@part
def _without_blanks(heap, span):
    kept, count = np.empty(span[1] - span[0], np.uint16), 0
    for at in range(span[0], span[1]):
        if heap[at] != _BLANK:
            kept[count] = heap[at]
            count += 1
    return kept[:count]


@part
def _dice(heap_a, a, heap_b, b):
    x, y = _bigrams(_without_blanks(heap_a, a)), _bigrams(_without_blanks(heap_b, b))
    if len(x) == 0 or len(y) == 0:
        return 0.0
    shared, i, j = 0, 0, 0
    while i < len(x) and j < len(y):
        if x[i] == y[j]:
            shared += 1
        before = x[i]
        i += 1 if x[i] <= y[j] else 0
        j += 1 if y[j] <= before else 0
    return 2 * shared / (len(x) + len(y))


@part
def _bigrams(plain):
    """Each once, in order; a text of one letter is its own."""
    count = max(1, len(plain) - 1) if len(plain) else 0
    found = np.empty(count, np.uint32)
    for i in range(count):
        second = plain[i + 1] if len(plain) > 1 else 0
        found[i] = np.uint32(plain[i]) << np.uint32(16) | np.uint32(second)
    _sort(found)
    kept = 0
    for i in range(count):
        if i == 0 or found[i] != found[kept - 1]:
            found[kept] = found[i]
            kept += 1
    return found[:kept]


@part
def _sort(values):
    """Shell's (CACM 2, 1959): a library's sort would take longer to compile than all of this file."""
    gap = 1
    while gap < len(values):
        gap = 3 * gap + 1
    while gap > 1:
        gap //= 3
        for i in range(gap, len(values)):
            value, at = values[i], i
            while at >= gap and values[at - gap] > value:
                values[at] = values[at - gap]
                at -= gap
            values[at] = value


@part
def _within(heap_a, a, heap_b, b, limit):
    """`distances.within_edits`, of texts that are not longer than `_LONGEST_EDITED`."""
    length_a, length_b = a[1] - a[0], b[1] - b[0]
    if abs(length_a - length_b) > limit or max(length_a, length_b) > _LONGEST_EDITED:
        return False
    begin, shortest = 0, min(length_a, length_b)
    while begin < shortest and heap_a[a[0] + begin] == heap_b[b[0] + begin]:
        begin += 1
    end = 0
    while end < shortest - begin and heap_a[a[1] - 1 - end] == heap_b[b[1] - 1 - end]:
        end += 1
    rest_a, rest_b = length_a - begin - end, length_b - begin - end
    if min(rest_a, rest_b) == 0 or max(rest_a, rest_b) == 1:
        return max(rest_a, rest_b) <= limit
    if limit == 1:  # what is left of both differs at either end, so one edit can only exchange two neighbours
        at_a, at_b = a[0] + begin, b[0] + begin
        if rest_a != 2 or rest_b != 2:
            return False
        return heap_a[at_a] == heap_b[at_b + 1] and heap_a[at_a + 1] == heap_b[at_b]
    return _distance(heap_a, a[0] + begin, rest_a, heap_b, b[0] + begin, rest_b, limit) <= limit


@part
def _distance(heap_a, at_a, length_a, heap_b, at_b, length_b, limit):
    """Optimal string alignment, row by row; more than `limit` once no cell of a row is within it."""
    rows = np.empty((3, _LONGEST_EDITED + 1), np.int64)
    for j in range(length_b + 1):
        rows[0, j] = j
    for i in range(1, length_a + 1):
        before, previous, current = (i - 2) % 3, (i - 1) % 3, i % 3
        letter = heap_a[at_a + i - 1]
        rows[current, 0] = least = i
        for j in range(1, length_b + 1):
            cost = rows[previous, j - 1] + (0 if letter == heap_b[at_b + j - 1] else 1)
            cost = min(cost, rows[previous, j] + 1, rows[current, j - 1] + 1)
            if i > 1 and j > 1 and letter == heap_b[at_b + j - 2] and heap_a[at_a + i - 2] == heap_b[at_b + j - 1]:
                cost = min(cost, rows[before, j - 2] + 1)
            rows[current, j] = cost
            least = min(least, cost)
        if least > limit:
            return limit + 1
    return rows[length_a % 3, length_b]


def _checked() -> None:
    fields = ("name", "birth_date", "sex", "id_number", "document_number", "phone", "plate", "plate_colour", "vin")
    more = ("address", "locality", "make", "colour", "height_cm", "place", "happened_on", "belongings")
    if (*fields, *more) != FIELDS or tuple(MODEL["name"]).index("latin_exact") != _LATIN_EXACT:
        raise AssertionError("the kernel's levels are not the model's.")


_checked()
