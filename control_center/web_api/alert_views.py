"""Alerts as the API shows them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from control_center.alerts.flow import AlertState


class Bilingual(BaseModel):
    zh: str
    en: str


class CameraName(BaseModel):
    id: str
    name: str


class AlertView(BaseModel):
    """A hit that people verify, dispatch and close, as lists show it."""

    id: str
    kind: Literal["plate_hit", "record_hit"]
    state: AlertState
    version: int
    severity: Literal["high", "medium", "low"]
    created_us: int
    center_id: str
    center_name: str
    title: Bilingual
    list_name: str | None = Field(alias="list", description="List of the hit; null: the plate of a stolen vehicle.")
    database: str | None
    camera: CameraName | None
    observed_us: int | None
    plate: str | None
    sightings: int
    last_observed_us: int | None
    verifications: int
    verifications_needed: int


class AlertPage(BaseModel):
    items: list[AlertView]
    next_cursor: str | None


class HitView(BaseModel):
    """The lead behind an alert; never a ground for action."""

    id: str
    list_name: str | None = Field(alias="list")
    database: str | None
    probability: float
    weight_mbits: int
    explanation: dict[str, Any]
    record: dict[str, Any] | None
    reference: dict[str, Any] | None
    ground: str | None
    issuer: str | None
    instrument: str | None
    action: str | None
    expires_on: str | None


class ClipView(BaseModel):
    camera_id: str
    stream: Literal["main", "sub"]
    start_us: int
    end_us: int


class StepView(BaseModel):
    at_us: int
    account: str
    from_state: str = Field(alias="from")
    to_state: str = Field(alias="to")
    note: str


class AlertDetail(AlertView):
    hit: HitView
    clip: ClipView | None
    history: list[StepView]
