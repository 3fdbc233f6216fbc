"""`/look-ups`: a single record, or a plate, among all lists and reference databases of the caller's centers.

Each look-up is audited with what was entered, why and for which case: a person's record is not looked up unseen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection, bindparam, select

from control_center import access_policy
from control_center.access_policy import Purpose
from control_center.identity.principal import Principal
from control_center.web_api.answers import answer
from control_center.web_api.context import ApiContext, Context, LookerUp
from control_center.web_api.why import Why
from device_registry.models import Center
from foundation import audit
from foundation.audit import AuditAction
from foundation.database import reading_rows, transaction
from foundation.identifiers import new_id
from matching.loading import raw_of
from matching.look_ups.asked import Asked, asked
from matching.look_ups.looking_up import LookedUp
from matching.look_ups.stored import LISTING, Candidate
from matching.plates import searching

router = APIRouter(prefix="/look-ups", tags=["look-ups"])
_NAMES = select(Center.id, Center.name).where(Center.id.in_(bindparam("ids", expanding=True)))
Line = Annotated[str | None, Field(max_length=256)]


class WantedRecord(BaseModel):
    """What is known; any of it. Empty is not known."""

    name: Line = None
    surname: Line = None
    given_name: Line = None
    date_of_birth: Line = Field(None, description="Year first; a year, or year and month, will do.")
    sex: Line = None
    id_number: Line = None
    document_number: Line = None
    phone: Line = None
    plate: Line = None
    plate_colour: Line = None
    make: Line = None
    vin: Line = None
    height_cm: int | None = Field(None, ge=30, le=260)
    place: Line = None


class WantedLookUp(Why):
    """Reason and case number where the policy asks for them (`look_up`)."""

    record: WantedRecord
    limit: int = Field(20, ge=1, le=50)


class ReadAs(BaseModel):
    field: str
    raw: str | None = Field(description="As it was entered; null: read from the identity number.")
    normalised: str


class ListingView(BaseModel):
    """Why somebody stands on a list."""

    ground: str
    issuer: str
    instrument: str
    issued_on: str
    review_on: str
    expires_on: str
    action: str


class CandidateView(BaseModel):
    """A record that may be the one looked up: a lead that a person verifies, never a ground for action."""

    id: str
    kind: Literal["list", "database"]
    collection: str
    center_id: str
    center_name: str
    record_id: str
    record: dict[str, Any]
    listing: ListingView | None
    probability: float
    weight_mbits: int
    is_lead: bool = Field(description="Its probability reaches the threshold of the catalogue.")
    explanation: dict[str, Any]


class CollectionView(BaseModel):
    kind: Literal["list", "database"]
    name: str
    is_comparable: bool = Field(description="False: nothing that was entered is a key there, so nothing was compared.")


class LookUpView(BaseModel):
    id: str = Field(description="As the audit trail has it.")
    read_as: list[ReadAs]
    candidates: list[CandidateView]
    found: int = Field(description="Records that may be it, of which the candidates are the likeliest.")
    collections: list[CollectionView]
    crowded: list[str] = Field(description="Keys that so many records bear that not all were weighed.")
    is_current: bool = Field(description="False: an import is being indexed, and what it brought may be missing.")


class WantedPlate(Why):
    plate: str = Field(min_length=1, max_length=64)
    plate_colour: Line = None
    make: Line = None


class PlateLookUpView(BaseModel):
    id: str = Field(description="As the audit trail has it.")
    read_as: list[ReadAs]
    candidates: list[CandidateView]
    found: int = Field(description="Vehicles whose plate it may be, of which the candidates are the likeliest.")


@router.post("", response_model=LookUpView)
def look_up(body: WantedLookUp, principal: LookerUp, context: Context) -> Response:
    """The likeliest records first; 503 until the center has indexed its records."""
    purpose = access_policy.check("look_up", body.reason, body.case_number, context.settings.audit)
    wanted = asked(body.record.model_dump())
    with reading_rows(context.stores.core) as rows:
        found = context.look_ups.look_up(rows, principal.scope, wanted, body.limit)
        names = _center_names(rows, {it.row.center_id for it in found.candidates})
    look_up_id = _audited(context, principal, purpose, wanted.raw, found.candidates)
    return answer(_shown(wanted, found, names) | {"id": look_up_id})


@router.post("/plates", response_model=PlateLookUpView)
def look_up_plate(body: WantedPlate, principal: LookerUp, context: Context) -> Response:
    """The vehicles whose plate this is, or may be if it was misread, the likeliest first; 50 at most."""
    purpose = access_policy.check("look_up", body.reason, body.case_number, context.settings.audit)
    plate = searching.checked(body.plate, body.plate_colour)
    with reading_rows(context.stores.core) as rows:
        found = context.plate_look_ups.look_up(rows, principal.scope, body.plate, body.plate_colour, body.make)
        names = _center_names(rows, {it.row.center_id for it in found.candidates})
    entered = {name: value for name in ("plate", "plate_colour", "make") if (value := getattr(body, name))}
    return answer(
        {
            "id": _audited(context, principal, purpose, entered, found.candidates),
            "read_as": [{"field": "plate", "raw": body.plate, "normalised": plate.text}],
            "candidates": [_candidate(it, names) for it in found.candidates],
            "found": found.found,
        }
    )


def _audited(
    context: ApiContext,
    principal: Principal,
    purpose: Purpose,
    entered: Mapping[str, Any],
    candidates: Sequence[Candidate],
) -> str:
    look_up_id = new_id(context.clock)
    leads = [it.row.id for it in candidates if it.is_lead]
    with transaction(context.stores.core) as session:
        audit.record(
            session,
            AuditAction.API_LOOK_UP_READ,
            origin=principal.origin,
            actor=principal.username,
            subject=look_up_id,
            detail={"entered": dict(entered), "shown": len(candidates), "leads": leads},
            reason=purpose.reason,
            case_number=purpose.case_number,
            clock=context.clock,
        )
    return look_up_id


def _shown(wanted: Asked, found: LookedUp, names: dict[str, str]) -> dict[str, Any]:
    return {
        "read_as": wanted.read_as,
        "candidates": [_candidate(it, names) for it in found.candidates],
        "found": found.found,
        "collections": [
            {"kind": it.kind, "name": it.name, "is_comparable": it.is_comparable} for it in found.collections
        ],
        "crowded": found.crowded,
        "is_current": found.is_current,
    }


def _candidate(it: Candidate, names: dict[str, str]) -> dict[str, Any]:
    row = it.row
    return {
        "id": row.id,
        "kind": "list" if it.side == "lists" else "database",
        "collection": row.collection,
        "center_id": row.center_id,
        "center_name": names[row.center_id],
        "record_id": row.source_record,
        "record": raw_of(row),
        "listing": {name: getattr(row, name) for name in LISTING} if it.side == "lists" else None,
        "probability": it.probability,
        "weight_mbits": it.weight_mbits,
        "is_lead": it.is_lead,
        "explanation": it.explanation,
    }


def _center_names(rows: Connection, center_ids: set[str]) -> dict[str, str]:
    found = rows.execute(_NAMES, {"ids": list(center_ids)}) if center_ids else ()
    return {row.id: row.name for row in found}
