"""What speaks for a plate read being of a vehicle on record, beside the text: series, colour of the ground, make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matching.model import MODEL, FieldName
from matching.normalising import NormalRecord
from matching.normalising.plates import normalise_colour, normalise_plate
from matching.normalising.text import normalise_text
from matching.plates.index import Other
from matching.scoring import FieldScore, Record, Score, score

FIELDS: Sequence[FieldName] = ("plate", "plate_colour", "make")
_IDENTICAL = ("plate", "exact")
# One text is given out both in blue and in yellow: that is no copy, but another vehicle.
_CLONE_SIGNS = {("plate_colour", "other_ground"), ("make", "different")}


def seen(plate: str, colour: str | None, make: str | None) -> Record:
    """A plate read as a record; its plate is None where the text is none."""
    raw = {"plate": plate, "plate_colour": colour, "make": make}
    normal = NormalRecord(
        plate=normalise_plate(plate), plate_colour=normalise_colour(colour), make=normalise_text(make)
    )
    return Record("", "", raw, normal)


def score_identical(read: NormalRecord, recorded: NormalRecord) -> Score:
    return score(_comparable(read, recorded), recorded, FIELDS)


def score_other(read: NormalRecord, recorded: NormalRecord, other: Other) -> Score:
    """Of a plate that the read is not; the ground that the plate's series has counts as recorded."""
    exact = MODEL["plate"]["exact"]
    m = exact.m * 2.0 ** (other.mbits / 1000)
    plate = FieldScore("plate", other.difference, m, exact.u, exact.weight_mbits + other.mbits, None)
    ground = recorded.plate_colour or (recorded.plate.ground if recorded.plate else None)
    as_recorded, known = replace(read, plate=recorded.plate), replace(recorded, plate_colour=ground)
    rest = score(replace(as_recorded, make=_make(read, recorded)), known, FIELDS[1:])
    return Score((plate, *rest.fields), plate.weight_mbits + rest.weight_mbits)


def deciding_mbits(scored: Score) -> int:
    """What a hit is decided by: a make that differs speaks for a cloned plate, which must not go unseen."""
    return sum(entry.weight_mbits for entry in scored.fields if entry.field != "make")


def suspected_clone(scored: Score) -> list[FieldName]:
    """In what a vehicle with the very plate differs from the one on record: its plate may be a copy."""
    levels = [(entry.field, entry.level) for entry in scored.fields]
    return [field for field, level in levels if (field, level) in _CLONE_SIGNS] if _IDENTICAL in levels else []


def _comparable(read: NormalRecord, recorded: NormalRecord) -> NormalRecord:
    """Without its colour where the form of the plate already says it: there a camera's colour can only be wrong."""
    telling = read.plate is not None and read.plate.ground is not None
    colour = None if telling and read.plate_colour != recorded.plate_colour else read.plate_colour
    return replace(read, plate_colour=colour, make=_make(read, recorded))


def _make(read: NormalRecord, recorded: NormalRecord) -> str | None:
    """Without a make in another script than the recorded one: 大众 and Volkswagen say the same."""
    if read.make is None or recorded.make is None:
        return None
    return read.make if read.make.isascii() == recorded.make.isascii() else None
