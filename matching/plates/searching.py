"""Somebody looks a plate up among those on record: checked, audited, and told with what it was found by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine

from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import Clock
from foundation.database import transaction
from foundation.errors import FieldProblem, InvalidFields
from foundation.identifiers import Origin
from foundation.scope import Scope
from matching.catalogue import Catalogue
from matching.normalising.plates import Plate, normalise_colour, normalise_plate
from matching.online import Candidate, OnlineMatcher


def search(
    engine: Engine,
    catalogue: Catalogue,
    origin: Origin,
    clock: Clock,
    *,
    actor: str,
    plate: str,
    colour: str | None = None,
    make: str | None = None,
) -> Sequence[Candidate]:
    """The vehicles on record at this center whose plate this is or may be, the likeliest first.

    Raises `InvalidFields` for what is no plate or no colour of plates.
    """
    normal = checked(plate, colour)
    found = OnlineMatcher(engine, catalogue, clock, Scope([origin.center_id])).look_up(plate, colour, make)
    with transaction(engine) as session:
        audit.record(
            session,
            AuditAction.CLI_PLATE_SEARCH,
            origin=origin,
            actor=actor,
            subject=normal.text,
            detail={"candidates": len(found), "hits": sum(it.is_hit for it in found)},
            clock=clock,
        )
    return found


def checked(plate: str, colour: str | None) -> Plate:
    """The plate as it is compared, or `InvalidFields`."""
    normal, problems = normalise_plate(plate), []
    if normal is None:
        problems.append(FieldProblem("plate", "this is no plate.", "Give 4 to 10 letters and digits."))
    if colour and normalise_colour(colour) is None:
        mend = "Say blue, yellow, green, white or black."
        problems.append(FieldProblem("plate_colour", "plates have no such colour.", mend))
    if normal is None or problems:
        raise InvalidFields(f"plate {plate[:40]!r}", problems)
    return normal


def as_json(candidate: Candidate) -> dict[str, Any]:
    found, record = candidate.found, candidate.vehicle.record
    return {
        "record_id": record.source_record,
        "list": found.list_name,
        "database": found.database,
        "plate": candidate.vehicle.plate,
        "hit": candidate.is_hit,
        "probability": found.probability,
        "weight_mbits": found.weight_mbits,
        "suspected_clone": found.explanation["suspected_clone"],
        "explanation": found.explanation,
    }
