"""Which levels many pairs reach, compiled: the same as `comparing`, which says why each level is as it is.

One file, since a compiled function that is kept on the disk does not notice that a function in another file changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from matching.levels.forms import Forms, forms, read_only
from matching.model import FIELDS, MODEL

Levels = NDArray[np.uint8]  # pairs x FIELDS: the place of the level in the model's order
NOT_COMPARABLE = 255
MOST_LEVELS = 15  # of a field; a table of weights has one place more, whose weight is 0
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


@dataclass(frozen=True, slots=True)
class Bar:
    """What a pair's weights are to add up to, so that the pair is worth telling."""

    tables: NDArray[np.int32]  # x FIELDS x levels: weights
    of_record: NDArray[np.int64]  # which table is the record's
    least: int


def no_bar(records: int) -> Bar:
    """That every pair reaches."""
    nothing = np.zeros((1, len(FIELDS), MOST_LEVELS + 1), dtype=np.int32)
    return Bar(nothing, np.zeros(records, dtype=np.int64), 0)


def levels(left: Forms, right: Forms, at: NDArray[np.int64], to: NDArray[np.int64]) -> Levels:
    """Of the pairs (left[at], right[to]); `NOT_COMPARABLE` where a side lacks the field."""
    return likely(left, right, at, to, no_bar(len(left)))[1]


def likely(
    left: Forms, right: Forms, at: NDArray[np.int64], to: NDArray[np.int64], bar: Bar
) -> tuple[NDArray[np.int64], Levels]:
    """The places of the pairs that reach the bar, and their levels.

    A pair is left as soon as the fields that are not compared yet cannot take it there.
    """
    found, reached = np.empty((len(at), len(FIELDS)), dtype=np.uint8), np.zeros(len(at), dtype=np.bool_)
    best = bar.tables.max(axis=2)
    of_pairs = left.rows, left.heap, right.rows, right.heap, at, to
    _likely(*of_pairs, bar.tables, best, bar.of_record, bar.least, found, reached)
    kept = np.flatnonzero(reached)
    return kept, found[kept]


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
_PLAIN, _ROMANISED, _FOREIGN, _READING, _RINGS, _ID, _DOCUMENT, _PHONE, _PLATE, _VIN, _STREET, _NUMBER = map(
    np.int64, range(12)
)
_SUBURB, _POSTCODE, _STATE, _MAKE, _COLOUR, _PLACE, _BELONGINGS = map(np.int64, range(12, 19))
_CHINESE, _TRANSLITERATED, _VALID_ID, _VALID_VIN = 1, 2, 4, 8
# Behind the texts: the values of a record that are numbers.
_BORN, _SEX_GIVEN, _COLOUR_GIVEN, _HEIGHT_GIVEN, _HAPPENED_GIVEN = range(19, 24)
# Places in `model.FIELDS`, and in the levels of each; `_checked` holds them to the model.
_NAME, _BIRTH_DATE, _SEX, _ID_NUMBER, _DOCUMENT_NUMBER, _PHONE_FIELD, _PLATE_FIELD, _PLATE_COLOUR = map(
    np.int64, range(8)
)
_VIN_FIELD, _ADDRESS, _LOCALITY, _MAKE_FIELD, _COLOUR_FIELD, _HEIGHT, _PLACE_FIELD, _HAPPENED = map(
    np.int64, range(8, 16)
)
_BELONGINGS_FIELD = np.int64(16)
_EXACT, _HOMOPHONE, _CLOSE, _ONE_CHARACTER, _DIFFERENT, _ROMANISED_EXACT, _LATIN_EXACT = 0, 1, 2, 3, 4, 5, 9
_PARTS_EXACT, _PARTS_CLOSE, _PARTS_WITHIN, _PARTS_PART, _PARTS_DIFFERENT = range(5)
_BLUE, _YELLOW = 1, 2
_TEXTS, _LONGEST_EDITED, _LONGEST_PART, _MOST_PARTS, _BLANK = 19, 64, 32, 8, 32
_SHORTEST_READING, _SHORTEST_TEXT = 6, 5
# As numpy's, since a function is compiled once for each plain number that it is called with.
_AHEAD = 8  # pairs
_LINE, _FETCHED_LINES = 32, 3  # of a cache, in units of the heap
_BYTE, _NUMBER_32 = ir.IntType(8).as_pointer(), ir.IntType(32)
_ONE_SLIP, _TWO_SLIPS, _ZERO = np.int64(1), np.int64(2), np.int64(0)
_SHORTEST_DOCUMENT, _SHORTEST_PHONE = np.int64(6), np.int64(7)
# Per field, in the order of `model.FIELDS`: what two records are to have, one of it at least, for it to be compared.
_NEEDS = np.array(
    [
        sum(1 << value for value in values)
        for values in (
            *((_PLAIN,), (_BORN,), (_SEX_GIVEN,), (_ID,), (_DOCUMENT,), (_PHONE,), (_PLATE,), (_COLOUR_GIVEN,)),
            *((_VIN,), (_STREET,), (_SUBURB, _POSTCODE, _STATE), (_MAKE,), (_COLOUR,), (_HEIGHT_GIVEN,), (_PLACE,)),
            *((_HAPPENED_GIVEN,), (_BELONGINGS,)),
        )
    ]
)


@intrinsic
def _fetch(_typing, array, place):
    """Let the processor bring an element into its cache while it goes on with other work: LLVM's `prefetch`."""

    def generate(context, builder, signature, values):
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        address = builder.bitcast(builder.gep(data, [values[1]]), _BYTE)
        kind = ir.FunctionType(ir.VoidType(), [_BYTE, *[_NUMBER_32] * 3])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", (_BYTE,), kind)
        builder.call(fetch, [address, *(ir.Constant(_NUMBER_32, it) for it in (0, 3, 1))])  # data, to be read, and kept
        return context.get_dummy_value()

    return types.none(array, place), generate


@compiled
def _likely(left_rows, left_heap, right_rows, right_heap, at, to, tables, best, of_record, least, found, reached):
    parts, record, has = np.empty((4, _MOST_PARTS), np.int64), np.int64(-1), np.int64(0)
    for pair in range(len(at)):
        _fetch_ahead(right_rows, right_heap, to, pair)
        left, right = (left_rows[at[pair]], left_heap), (right_rows[to[pair]], right_heap)
        if at[pair] != record:  # the pairs of one record stand together
            record = at[pair]
            has = _given(left[0])
        table, both = of_record[record], has & _given(right[0])
        out = found[pair]
        out[:] = NOT_COMPARABLE
        reached[pair] = _pair(left, right, both, parts, (tables[table], best[table]), least, out)


@part
def _fetch_ahead(rows, heap, to, pair):
    """References lie anywhere: to wait for the memory would take as long as all that is done with them."""
    if pair + 2 * _AHEAD < len(to):
        row = to[pair + 2 * _AHEAD]
        _fetch(rows, row)
        _fetch(rows, row + 1)  # one is longer than what a cache brings at once
    if pair + _AHEAD < len(to):
        texts = np.int64(rows[to[pair + _AHEAD]].at)
        for line in range(_FETCHED_LINES):
            _fetch(heap, texts + _LINE * line)


@compiled
def _edits(left_heap, left_ends, right_heap, right_ends, limits, found):
    for pair in range(len(limits)):
        a, b = (left_ends[pair], left_ends[pair + 1]), (right_ends[pair], right_ends[pair + 1])
        found[pair] = _within(left_heap, a, right_heap, b, limits[pair])


@part
def _given(row):
    """What the record has: a bit each."""
    given, begin = np.int64(0), np.int64(0)
    for which in range(_TEXTS):
        end = np.int64(row.ends[which])
        given |= np.int64(end > begin) << which
        begin = end
    given |= np.int64(row.born > 0) << _BORN | np.int64(row.sex > 0) << _SEX_GIVEN
    given |= np.int64(row.plate_colour > 0) << _COLOUR_GIVEN | np.int64(row.height > 0) << _HEIGHT_GIVEN
    return given | np.int64(row.happened > 0) << _HAPPENED_GIVEN


@part
def _has(both, field):
    return both & _NEEDS[field] != 0


@part
def _pair(left, right, both, parts, weights, least, out):
    """The levels of what both have. False as soon as the weights cannot add up to `least`: what is cheap is first."""
    reach = _greatest(both, weights)
    if reach < least:
        return False
    reach += _births(left, right, both, weights, out)
    if reach < least:
        return False
    reach += _papers(left, right, both, weights, out)
    if reach < least:
        return False
    reach += _named(left, right, both, parts, weights, out)
    if reach < least:
        return False
    reach += _where(left, right, both, weights, least - reach, out)
    if reach < least:
        return False
    return reach + _things(left, right, both, weights, out) >= least


@part
def _greatest(both, weights):
    """What the weights of the fields that both have can add up to."""
    total = np.int64(0)
    for field in range(len(_NEEDS)):
        if _has(both, field):
            total += weights[1][field]
    return total


@part
def _below_best(weights, field, level):
    """What a level takes from the greatest weight of its field."""
    return weights[0][field, level] - weights[1][field]


@part
def _births(left, right, both, weights, out):
    a, b, change = left[0], right[0], np.int64(0)
    if _has(both, _ID_NUMBER):
        out[_ID_NUMBER] = _id_numbers(left, right)
        change += _below_best(weights, _ID_NUMBER, out[_ID_NUMBER])
    numbers_agree = out[_ID_NUMBER] <= 2
    if _has(both, _BIRTH_DATE):
        level = _dates_of_birth(a.born, b.born)
        out[_BIRTH_DATE] = 10 if level == 0 and numbers_agree else level
        change += _below_best(weights, _BIRTH_DATE, out[_BIRTH_DATE])
    if _has(both, _SEX):
        out[_SEX] = 1 if a.sex != b.sex else 2 if numbers_agree else 0
        change += _below_best(weights, _SEX, out[_SEX])
    return change


@part
def _papers(left, right, both, weights, out):
    change = np.int64(0)
    if _has(both, _DOCUMENT_NUMBER):
        out[_DOCUMENT_NUMBER] = _numbers(left, right, _DOCUMENT, _SHORTEST_DOCUMENT)
        change += _below_best(weights, _DOCUMENT_NUMBER, out[_DOCUMENT_NUMBER])
    if _has(both, _PHONE_FIELD):
        out[_PHONE_FIELD] = _numbers(left, right, _PHONE, _SHORTEST_PHONE)
        if out[_PHONE_FIELD] != 0:  # what the same number is worth, the names tell
            change += _below_best(weights, _PHONE_FIELD, out[_PHONE_FIELD])
    if _has(both, _PLATE_FIELD):
        out[_PLATE_FIELD] = _same(left, right, _PLATE)
        change += _below_best(weights, _PLATE_FIELD, out[_PLATE_FIELD])
    if _has(both, _PLATE_COLOUR):
        if out[_PLATE_FIELD] == 0:
            out[_PLATE_COLOUR] = _plate_colours(left[0].plate_colour, right[0].plate_colour)
            change += _below_best(weights, _PLATE_COLOUR, out[_PLATE_COLOUR])
        else:
            change -= weights[1][_PLATE_COLOUR]
    if _has(both, _VIN_FIELD):
        out[_VIN_FIELD] = _vins(left, right)
        change += _below_best(weights, _VIN_FIELD, out[_VIN_FIELD])
    return change


@part
def _named(left, right, both, parts, weights, out):
    change = np.int64(0)
    if _has(both, _NAME):
        out[_NAME] = _names(left, right, parts)
        change += _below_best(weights, _NAME, out[_NAME])
    if out[_PHONE_FIELD] == 0:
        out[_PHONE_FIELD] = 3 if _is_other_name(left[0], right[0], out[_NAME]) else 0
        change += _below_best(weights, _PHONE_FIELD, out[_PHONE_FIELD])
    return change


@part
def _is_other_name(a, b, level):
    partly = level == 3 or level == 7 or level == 12
    renamed = partly and a.family and b.family and a.family != b.family
    return (partly or level == 4 or level == 8 or level == 13) and not renamed


@part
def _where(left, right, both, weights, least, out):
    """An address last, and not where the locality rules it out already."""
    change = np.int64(0)
    if _has(both, _LOCALITY):
        out[_LOCALITY] = _localities(left, right, both)
        change += _below_best(weights, _LOCALITY, out[_LOCALITY])
    if change >= least and _has(both, _ADDRESS):
        level = _addresses(left, right)
        out[_ADDRESS] = 4 if level <= 2 and _is_other_name(left[0], right[0], out[_NAME]) else level
        change += _below_best(weights, _ADDRESS, out[_ADDRESS])
    return change


@part
def _things(left, right, both, weights, out):
    a, b, change = left[0], right[0], np.int64(0)
    if _has(both, _MAKE_FIELD):
        out[_MAKE_FIELD] = _texts(left, right, _MAKE)
        change += _below_best(weights, _MAKE_FIELD, out[_MAKE_FIELD])
    if _has(both, _COLOUR_FIELD):
        out[_COLOUR_FIELD] = _same(left, right, _COLOUR)
        change += _below_best(weights, _COLOUR_FIELD, out[_COLOUR_FIELD])
    if _has(both, _HEIGHT):
        apart = abs(np.int64(a.height) - np.int64(b.height))
        out[_HEIGHT] = 0 if apart <= 2 else 1 if apart <= 5 else 2
        change += _below_best(weights, _HEIGHT, out[_HEIGHT])
    if _has(both, _PLACE_FIELD):
        out[_PLACE_FIELD] = _texts(left, right, _PLACE)
        change += _below_best(weights, _PLACE_FIELD, out[_PLACE_FIELD])
    if _has(both, _HAPPENED):
        out[_HAPPENED] = _happenings(a.happened, b.happened)
        change += _below_best(weights, _HAPPENED, out[_HAPPENED])
    if _has(both, _BELONGINGS_FIELD):
        out[_BELONGINGS_FIELD] = _belongings(left, right)
        change += _below_best(weights, _BELONGINGS_FIELD, out[_BELONGINGS_FIELD])
    return change


@part
def _span(side, text):
    """Where a text begins in the heap, and where it ends."""
    row = side[0]
    begin = np.int64(row.ends[text - 1]) if text else _ZERO
    return np.int64(row.at) + begin, np.int64(row.at) + np.int64(row.ends[text])


@part
def _length(span):
    return span[1] - span[0]


@part
def _names(left, right, parts):
    a, b = left[0], right[0]
    chinese_a, chinese_b = a.flags & _CHINESE, b.flags & _CHINESE
    consonant = (a.flags | b.flags) & _TRANSLITERATED and a.sound and a.sound == b.sound
    if chinese_a and chinese_b:
        return _chinese_names(left, right, consonant, parts)
    two_scripts = chinese_a or chinese_b
    exact = _ROMANISED_EXACT if two_scripts else _LATIN_EXACT
    if not two_scripts and _agree(left, right, _PLAIN):
        return exact
    if _same_reading(left, right):
        return exact
    alike = _PARTS_CLOSE
    if not consonant:
        alike = _parts_alike(left[1], _span(left, _ROMANISED), right[1], _span(right, _ROMANISED), parts)
        if alike >= _PARTS_PART and _readings_close(left, right):
            alike = _PARTS_CLOSE
    if two_scripts and alike >= _PARTS_WITHIN:  # there, `within` counts as `part`
        return exact + (2 if alike <= _PARTS_PART else 3)
    return exact + alike


@part
def _chinese_names(left, right, consonant, parts):
    if _agree(left, right, _PLAIN):
        return _EXACT
    if left[0].ring == right[0].ring or _agree(left, right, _ROMANISED):
        return _HOMOPHONE
    if consonant or _lacks_a_part(left, right, parts):
        return _CLOSE
    shortest = min(_length(_span(left, _PLAIN)), _length(_span(right, _PLAIN)))
    return _ONE_CHARACTER if shortest >= 3 and _slipped(left, right, _PLAIN) else _DIFFERENT


@part
def _lacks_a_part(left, right, parts):
    a, b = _span(left, _FOREIGN), _span(right, _FOREIGN)
    if _length(a) == 0 or _length(b) == 0:
        return False
    return _parts_alike(left[1], a, right[1], b, parts) == _PARTS_WITHIN


@part
def _readings_close(left, right):
    shortest = min(_length(_span(left, _READING)), _length(_span(right, _READING)))
    return shortest >= _SHORTEST_READING and _slipped(left, right, _READING)


@part
def _same_reading(left, right):
    a, b = left[0], right[0]
    if a.ring == b.ring or _agree(left, right, _ROMANISED):
        return True
    (begin_a, end_a), (begin_b, end_b) = _span(left, _RINGS), _span(right, _RINGS)
    for i in range(max(1, (end_a - begin_a) // 4)):
        ring = _ring(left[1], begin_a + 4 * i) if end_a > begin_a else a.ring
        for j in range(max(1, (end_b - begin_b) // 4)):
            if ring == (_ring(right[1], begin_b + 4 * j) if end_b > begin_b else b.ring):
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
    close = _with_a_like(heap_a, begin_a, end_a, n_a, heap_b, begin_b, end_b, n_b)
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
    """How many parts have their like in the other name, of whichever side has fewer."""
    of_a, of_b, like_b = 0, 0, np.int64(0)
    for i in range(n_a):
        like_a = False
        for j in range(n_b):
            known = like_a and like_b >> j & 1
            if not known and _is_like(heap_a, (begin_a[i], end_a[i]), heap_b, (begin_b[j], end_b[j])):
                like_a = True
                like_b |= 1 << j
        of_a += like_a
    for j in range(n_b):
        of_b += like_b >> j & 1
    return min(of_a, of_b)


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
def _id_numbers(left, right):
    a, b = left[0], right[0]
    valid_a, valid_b = a.flags & _VALID_ID, b.flags & _VALID_ID
    if _agree(left, right, _ID):
        return 0 if valid_a else 1
    if valid_a and valid_b:
        return 4 if a.id_kind == b.id_kind and _length(_span(left, _ID)) == _length(_span(right, _ID)) else 3
    return 2 if _slipped(left, right, _ID) else 3


@part
def _vins(left, right):
    if _agree(left, right, _VIN):
        return 0
    if left[0].flags & _VALID_VIN and right[0].flags & _VALID_VIN:
        return 3
    return 1 if _slipped(left, right, _VIN) else 2


@part
def _numbers(left, right, text, shortest):
    if _agree(left, right, text):
        return 0
    length = min(_length(_span(left, text)), _length(_span(right, text)))
    return 1 if length >= shortest and _slipped(left, right, text) else 2


@part
def _same(left, right, text):
    return 0 if _agree(left, right, text) else 1


@part
def _plate_colours(a, b):
    if a == b:
        return 0
    return 2 if min(a, b) == _BLUE and max(a, b) == _YELLOW else 1


@part
def _addresses(left, right):
    if _agree(left, right, _STREET):
        return 0 if _agree(left, right, _NUMBER) else 1
    return 2 if _texts_close(left[1], _span(left, _STREET), right[1], _span(right, _STREET)) else 3


@part
def _localities(left, right, both):
    """Of two that have one part in common at least."""
    known, same, close = 0, 0, 0
    if both >> _POSTCODE & 1:
        known += 1
        if _agree(left, right, _POSTCODE):
            same += 1
        elif _slipped(left, right, _POSTCODE):
            close += 1
    if both >> _SUBURB & 1:
        known += 1
        if _agree(left, right, _SUBURB):
            same += 1
        elif _texts_close(left[1], _span(left, _SUBURB), right[1], _span(right, _SUBURB)):
            close += 1
    if known and same == known:
        return 0
    if same or (known and close == known):
        return 1
    return 2 if both >> _STATE & 1 and _agree(left, right, _STATE) else 3


@part
def _texts(left, right, text):
    if _agree(left, right, text):
        return 0
    a, b = _span(left, text), _span(right, text)
    held = _holds(left[1], a, right[1], b) or _holds(right[1], b, left[1], a)
    return 1 if held or _dice(left[1], a, right[1], b) >= 0.5 else 2


@part
def _belongings(left, right):
    likeness = _dice(left[1], _span(left, _BELONGINGS), right[1], _span(right, _BELONGINGS))
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
def _agree(left, right, text):
    return _equal(left[1], _span(left, text), right[1], _span(right, text))


@part
def _slipped(left, right, text):
    return _within(left[1], _span(left, text), right[1], _span(right, text), _ONE_SLIP)


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
