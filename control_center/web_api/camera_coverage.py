"""`/cameras/coverage`: where cameras stand and what ground they cover, for a map."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from control_center.identity.principal import Principal
from control_center.web_api.context import AskingCameraSeer
from device_registry.coverage import coverage

router = APIRouter(tags=["cameras"])


class GeoJson(JSONResponse):
    media_type = "application/geo+json"


class Point(BaseModel):
    type: Literal["Point"]
    coordinates: list[float] = Field(description="Longitude and latitude, WGS 84.")


class Polygon(BaseModel):
    type: Literal["Polygon"]
    coordinates: list[list[list[float]]]


class CoveredBy(BaseModel):
    id: str
    code: str
    name: str
    azimuth_deg: float | None
    kind: Literal["position", "sector"]


class Feature(BaseModel):
    type: Literal["Feature"]
    geometry: Annotated[Point | Polygon, Field(discriminator="type")]
    properties: CoveredBy


class Coverage(BaseModel):
    """A FeatureCollection of RFC 7946."""

    type: Literal["FeatureCollection"]
    features: list[Feature]


@router.get("/cameras/coverage", response_model=Coverage, response_class=GeoJson)
async def read_coverage(asking: AskingCameraSeer) -> Response:
    """Each camera's position, and its sector where direction, field of view and range are known, by code."""

    def read(principal: Principal, rows: Connection) -> dict[str, Any]:
        return coverage(rows, principal.scope)

    return await asking.answer(read, GeoJson.media_type)
