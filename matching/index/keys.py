"""What a record is found by, as 64-bit hashes: keys, traits that narrow a large block, names with a slip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from hashlib import blake2b
from string import ascii_lowercase
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from matching.keys import KeyName, key_values
from matching.misread import NUMBERS, lookalikes
from matching.normalising import NormalRecord, normalise
from matching.normalising.names import Name
from matching.normalising.rings import least_rotation

VERSION = "8"
COLUMNS = (
    *("record_id", "name", "given_name", "surname", "date_of_birth", "sex", "id_number", "document_number", "phone"),
    *("plate", "plate_colour", "vin", "street_number", "address", "suburb", "postcode", "state"),
)
# What an index keeps of a record: the columns of files, and what only a center's records have.
KEPT_COLUMNS = (*COLUMNS, "make", "colour", "height_cm", "place", "happened_on", "belongings")
# The place of a family in this order stands in the low five bits of its hashes.
Family = Literal[
    "record_id",
    "id_number",
    "document_number",
    "phone",
    "plate",
    "vin",
    "pinyin_birth_date",
    "name_birth_year",
    "name",
    "address",
    "birth_date_place",
    "part_birth_date",  # one part of the name
    "part_street",
    "birth_date",
    "close_name",  # a name one letter off, with what else the record has; no hash bears this place
    "part",  # of a name, where few bear it; the keys made of it with birth date or street find the others
    "sex_height_place",  # of somebody missing or found, of whom no more is known; no file has the columns
    "confusable_number",  # one that looks alike, for a record that is looked up alone; no hash bears this place
]
FAMILIES: tuple[Family, ...] = get_args(Family)
RECORD_ID, NAME, CLOSE_NAME = FAMILIES.index("record_id"), FAMILIES.index("name"), FAMILIES.index("close_name")
PINYIN_BIRTH_DATE, _NAME_BIRTH_YEAR = FAMILIES.index("pinyin_birth_date"), FAMILIES.index("name_birth_year")
CONFUSABLE = FAMILIES.index("confusable_number")
PART, RARE_PART = FAMILIES.index("part_birth_date"), FAMILIES.index("part")
VARIANT, REFINED = 30, 31
_OF_NUMBERS: tuple[KeyName, ...] = ("id_number", "document_number", "phone", "plate", "vin")

# A name may be read in more than two ways; its first two narrow a block, while each is a key.
TRAITS = (*_OF_NUMBERS, "reading", "reading", "birth_date", "birth_year", "postcode")
_TRAIT_READINGS = slice(TRAITS.index("reading"), TRAITS.index("reading") + TRAITS.count("reading"))
_BIRTH_DATE, _BIRTH_YEAR, _POSTCODE = TRAITS.index("birth_date"), TRAITS.index("birth_year"), TRAITS.index("postcode")
_IMPLIED: Mapping[Family, frozenset[str]] = {
    "id_number": frozenset(("id_number",)),
    "document_number": frozenset(("document_number",)),
    "phone": frozenset(("phone",)),
    "plate": frozenset(("plate",)),
    "vin": frozenset(("vin",)),
    "pinyin_birth_date": frozenset(("reading", "birth_date", "birth_year")),
    "name_birth_year": frozenset(("reading", "birth_year")),
    "name": frozenset(("reading",)),
    "address": frozenset(("postcode",)),
    "birth_date_place": frozenset(("birth_date", "birth_year", "postcode")),
    "part_birth_date": frozenset(("birth_date", "birth_year")),
    "birth_date": frozenset(("birth_date", "birth_year")),
}
# Per family, the traits that its own key does not hold already.
NARROWING = tuple(
    tuple(at for at, trait in enumerate(TRAITS) if trait not in _IMPLIED.get(family, ())) for family in FAMILIES
)
NO_TRAIT = 1  # stands for a member of a large block that has none of the traits that would narrow it

_MOST_PARTS = 4  # of a name, that are keys
_SHORTEST_CLOSE = 5  # letters; of a shorter name nearly every other is one letter off
_ALL = (1 << 64) - 1
_FAMILY_BITS = 31
_MULTIPLIERS = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9)

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Keyed:
    keys: tuple[int, ...]
    traits: tuple[int, ...]  # one a trait; 0 where the record has none
    births: tuple[tuple[int, int], ...]  # what a reading is mixed with to become a key, and that key's family
    spoken: tuple[str, ...]  # readings of the name, then its parts
    names: tuple[int, ...]  # the hash of each, its family NAME or PART
    lookalikes: tuple[int, ...] = ()  # the keys of numbers that the record's may have been misread for

    def made_of(self, name: int) -> list[int]:
        """The keys of a name in Latin letters, or of a part of one, with what is known of the birth."""
        return _made_of(name, self.births)


def keyed(raw: Mapping[str, str], record: NormalRecord | None = None) -> Keyed:
    """The hashes of one record, from its columns as they stand in a file; `record` is what was normalised of them."""
    record = record or normalise(raw)
    traits = [0] * len(TRAITS)
    keys = []
    for at, name in enumerate(_OF_NUMBERS):
        for value in key_values(record, name):
            traits[at] = hash_of(value, FAMILIES.index(name))
            keys.append(traits[at])
    readings = _readings(record.name)
    names = [hash_of(reading, NAME) for reading in readings]
    traits[_TRAIT_READINGS] = [*names, 0, 0][: TRAITS.count("reading")]
    keys += names
    postcode = record.locality.postcode if record.locality else None
    traits[_POSTCODE] = hash_of(postcode, 0) if postcode else 0
    if record.birth_date:
        traits[_BIRTH_YEAR] = hash_of(record.birth_date[:4], 0)
        traits[_BIRTH_DATE] = hash_of(record.birth_date, 0) if len(record.birth_date) == 10 else 0
    parts = _parts(record.name)
    names += [hash_of(part, PART) for part in parts]
    births = _births(traits)
    keys += [key for name in names for key in _made_of(name, births)]
    keys += _of_places(postcode, record, parts)
    return Keyed(tuple(dict.fromkeys(keys)), tuple(traits), births, (*readings, *parts), tuple(names))


def keyed_alone(raw: Mapping[str, str], record: NormalRecord | None = None) -> Keyed:
    """As `keyed`, and what its numbers may have been misread for: dozens of keys, too many for each of a batch."""
    record = record or normalise(raw)
    numbers = [(name, number) for name in NUMBERS if (number := getattr(record, name)) is not None]
    found = [hash_of(text, FAMILIES.index(name)) for name, number in numbers for text in lookalikes(number)]
    return replace(keyed(raw, record), lookalikes=tuple(found))


def record_id_key(record_id: str) -> int:
    return hash_of(record_id, RECORD_ID)


def variants(reading: str) -> list[int]:
    """The reading and each with one letter less, as SymSpell has it (Garbe, 2012); two that share one are close.

    The hash is the sum of those of the neighbouring letters, the last and the first being neighbours too. So it is the
    same wherever the reading begins, and a slip is found whichever part of the name comes first.
    """
    count = len(reading)
    if count < _SHORTEST_CLOSE:
        return []
    ring = reading[-1] + reading + reading[0]
    pairs = [_pair(ring[at : at + 2]) for at in range(count + 1)]  # the first is of the last letter and the first
    whole = sum(pairs) - pairs[0]
    shorter = {whole - pairs[at] - pairs[at + 1] + _pair(ring[at] + ring[at + 2]) for at in range(count)}
    return [max(total & _ALL, 32) & ~_FAMILY_BITS | VARIANT for total in (whole, *sorted(shorter))]


def variants_many(readings: Sequence[str]) -> tuple[Hashes, NDArray[np.int64]]:
    """As `variants`, one reading after the other, some twice; and how many there are of each."""
    long = [at for at, it in enumerate(readings) if len(it) >= _SHORTEST_CLOSE]
    plain = [at for at in long if _is_plain(readings[at])]
    others = {at: variants(readings[at]) for at in set(long) - set(plain)} if len(plain) < len(long) else {}
    counts = np.zeros(len(readings), dtype=np.int64)
    counts[plain] = [len(readings[at]) + 1 for at in plain]
    counts[list(others)] = [len(it) for it in others.values()]
    begin = np.cumsum(counts) - counts
    found = np.empty(int(counts.sum()), dtype=np.uint64)
    in_others = np.zeros(len(found), dtype=np.bool_)
    for at, keys in others.items():
        found[begin[at] : begin[at] + len(keys)] = keys
        in_others[begin[at] : begin[at] + len(keys)] = True
    found[~in_others] = _of_letters("".join([readings[at] for at in plain]), counts[plain] - 1)
    return found, counts


def _is_plain(reading: str) -> bool:
    """Of the letters a to z alone."""
    return reading.isascii() and reading.isalpha() and reading.islower()


def _of_letters(text: str, lengths: NDArray[np.int64]) -> Hashes:
    """Of readings that stand one after the other: each whole, then without each of its letters."""
    letter = np.frombuffer(text.encode(), dtype=np.uint8).astype(np.int64) - ord("a")
    begin = np.cumsum(lengths) - lengths
    before, after = np.arange(len(letter)) - 1, np.arange(len(letter)) + 1
    before[begin], after[begin + lengths - 1] = begin + lengths - 1, begin
    pairs = _pairs_of_letters()
    pair = pairs[letter[before], letter]
    whole = np.add.reduceat(pair, begin) if len(begin) else pair
    totals = np.empty(len(letter) + len(lengths), dtype=np.uint64)
    first = begin + np.arange(len(lengths))
    totals[first] = whole
    shorter = np.ones(len(totals), dtype=np.bool_)
    shorter[first] = False
    totals[shorter] = np.repeat(whole, lengths) - pair - pair[after] + pairs[letter[before], letter[after]]
    return np.maximum(totals, np.uint64(32)) & np.uint64(_ALL ^ _FAMILY_BITS) | np.uint64(VARIANT)


@cache
def _pairs_of_letters() -> Hashes:
    return np.array([[_pair(one + other) for other in ascii_lowercase] for one in ascii_lowercase], dtype=np.uint64)


@lru_cache(maxsize=1 << 16)
def _pair(letters: str) -> int:
    return int.from_bytes(blake2b(letters.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def hash_of(text: str, family: int) -> int:
    """BLAKE2b (RFC 7693) of 64 bits, the low five being the family's; never 0, which marks an empty slot."""
    return _digest(text) | family


@lru_cache(maxsize=1 << 15)  # days, towns and parts of names come again and again
def _digest(text: str) -> int:
    digest = int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
    return max(digest, 32) & ~_FAMILY_BITS


def mixed(one: int, other: int, family: int) -> int:
    """Two hashes made one; the order counts."""
    mix = one ^ (other * _MULTIPLIERS[0] & _ALL)
    mix = (mix ^ (mix >> 32)) * _MULTIPLIERS[1] & _ALL
    mix ^= mix >> 29
    return (max(mix, 32) & ~_FAMILY_BITS) | family


def mixed_many(one: Hashes, other: Hashes, family: int) -> Hashes:
    """As `mixed`, element by element."""
    mix: Hashes = one ^ (other * np.uint64(_MULTIPLIERS[0]))
    mix = (mix ^ (mix >> np.uint64(32))) * np.uint64(_MULTIPLIERS[1])
    mix ^= mix >> np.uint64(29)
    mix = np.maximum(mix, np.uint64(32)) & np.uint64(_ALL ^ _FAMILY_BITS)
    return mix | np.uint64(family)


def family_of(key: int) -> int:
    return key & _FAMILY_BITS


def families_of(keys: Hashes) -> NDArray[np.uint8]:
    return (keys & np.uint64(_FAMILY_BITS)).astype(np.uint8)


def _made_of(name: int, births: Sequence[tuple[int, int]]) -> list[int]:
    if family_of(name) == PART:
        return [mixed(name, birth, PART) for birth, family in births if family == PINYIN_BIRTH_DATE]
    return [mixed(name, birth, family) for birth, family in births]


def _births(traits: Sequence[int]) -> tuple[tuple[int, int], ...]:
    births = ((traits[_BIRTH_DATE], PINYIN_BIRTH_DATE), (traits[_BIRTH_YEAR], _NAME_BIRTH_YEAR))
    return tuple(birth for birth in births if birth[0])


def _readings(name: Name | None) -> tuple[str, ...]:
    """In written order and in the order of the alphabet, then in further ways to romanise it; mostly these are one."""
    if name is None:
        return ()
    if len(name.rings) == 1:
        return name.rings
    return tuple(dict.fromkeys((name.ring, least_rotation(name.romanised.replace(" ", "")), *name.rings)))


def _of_places(postcode: str | None, record: NormalRecord, parts: Sequence[str]) -> list[int]:
    """By address with and without its number, street and part of the name, birth date and place, height and place."""
    street = record.address.street.replace(" ", "") if record.address else None
    number = (record.address.number if record.address else None) or ""
    towns = [town for town in (postcode, record.locality.suburb if record.locality else None) if town]
    born = record.birth_date if record.birth_date and len(record.birth_date) == len("1984-03-05") else None
    texts: list[tuple[Family, str]] = [("part", part) for part in parts]
    if street:
        texts += [("address", f"{number}|{street}|{town}") for town in towns[:1]]
        texts += [("address", f"|{street}|{town}") for town in towns]
        texts += [("part_street", f"{part}|{street}") for part in parts]
    if born:
        texts += [("birth_date", born), *(("birth_date_place", f"{born}|{town}") for town in towns)]
    texts += [("sex_height_place", value) for value in key_values(record, "sex_height_place")]
    return [hash_of(text, FAMILIES.index(family)) for family, text in texts]


def _parts(name: Name | None) -> list[str]:
    """In Latin letters; initials tell nothing, and a single part is the whole name."""
    parts = [part for part in dict.fromkeys((name.foreign or name.romanised).split()) if len(part) > 1] if name else []
    return parts[:_MOST_PARTS]
