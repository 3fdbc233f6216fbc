"""List records with the reference records that may be the same, brought together by the index of the references."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from sqlalchemy.orm import Session

from matching import loading
from matching.catalogue import DatabaseName
from matching.cells import Candidate
from matching.index.batch import Pairs
from matching.index.keys import FAMILIES, Family, keyed
from matching.index.store import Index, families_in
from matching.keys import KeyName
from matching.scoring import Record

Candidates = Mapping[DatabaseName, Sequence[Candidate]]
_RECORDS_AT_ONCE: Final = 1_000
# By which keys of the index a key of the catalogue is found. Those of names hold no sex, which is looked at afterwards.
_FOUND_BY: Final[Mapping[KeyName, Family]] = {
    "id_number": "id_number",
    "document_number": "document_number",
    "phone": "phone",
    "plate": "plate",
    "vin": "vin",
    "name_birth_date": "pinyin_birth_date",
    "pinyin_birth_date": "pinyin_birth_date",
    "name_birth_year_sex": "name_birth_year",
    "close_name": "close_name",
    "sex_height_place": "sex_height_place",
}


def paired(
    session: Session, index: Index, lefts: Sequence[Record], keys: Collection[KeyName], day: str
) -> Iterator[tuple[Record, Candidates]]:
    """Each list record with its candidates in force on the day, by database, in the order of their ids."""
    mask = sum(1 << FAMILIES.index(family) for family in {_FOUND_BY[key] for key in keys})
    for begin in range(0, len(lefts), _RECORDS_AT_ONCE):
        chunk = lefts[begin : begin + _RECORDS_AT_ONCE]
        found = index.look_up_keyed([keyed(it.raw, it.normal) for it in chunk], day)
        yield from zip(chunk, _candidates(session, index, found, mask, len(chunk), day), strict=True)


def _candidates(
    session: Session, index: Index, found: Pairs, mask: int, records: int, day: str
) -> Sequence[Candidates]:
    usable = np.flatnonzero(found.families & np.uint32(mask))
    ids = {int(it): index.record_id(int(it)) for it in np.unique(found.reference[usable])}
    rights = loading.references_by_id(session, ids.values(), day)
    by_record: list[dict[DatabaseName, list[Candidate]]] = [defaultdict(list) for _ in range(records)]
    for at in usable:
        right = rights.get(ids[int(found.reference[at])])
        if right is not None:
            candidate = Candidate(right.record, families_in(int(found.families[at])))
            by_record[int(found.record[at])][right.database].append(candidate)
    return by_record
