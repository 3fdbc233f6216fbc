"""`/cameras/{id}`: one camera with everything that is registered of it, read, registered and changed.

Its fields have the names of the columns of an import. A password goes in, and never out.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import select
from sqlalchemy.orm import Session

from control_center.identity.principal import Principal
from control_center.identity.roles import Right
from control_center.web_api.conditional import etag, require_match
from control_center.web_api.context import ApiContext, CameraSeer, Context, Registrar, RowId
from device_registry import cameras, centers, particulars, recording
from device_registry.cameras import Saved
from device_registry.models import Camera, CameraStream, Center, Credential, StreamName, Transport
from device_registry.recording import RetentionLimits
from device_registry.registration import register
from foundation.database import reading, reading_rows, transaction
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.identifiers import Origin
from foundation.scope import covered

router = APIRouter(tags=["cameras"])

# The registry knows what each text may be, and how long.
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class CameraChange(BaseModel):
    """What is not named stays as it is; null clears, where a column can be cleared."""

    name: Text | None = None
    maker: Text | None = None
    model: Text | None = None
    latitude: float | None = Field(None, description="Degrees north.")
    longitude: float | None = Field(None, description="Degrees east.")
    datum: Text | None = Field(None, description="Of this position: wgs84, or gcj02, which is converted.")
    main_url: Text | None = None
    sub_url: Text | None = None
    username: Text | None = Field(None, description="At the camera.")
    password: str | None = Field(None, max_length=2000, description="At the camera; never shown again.")
    disabled: bool | None = None
    onvif_url: Text | None = None
    serial: Text | None = None
    firmware: Text | None = None
    mac: Text | None = None
    gb28181_id: Text | None = None
    address: Text | None = None
    height_m: float | None = None
    azimuth_deg: float | None = None
    tilt_deg: float | None = None
    fov_deg: float | None = None
    range_m: float | None = None
    watched_area: Text | None = None
    type: Text | None = None
    owner: Text | None = None
    managing_unit: Text | None = None
    contact: Text | None = None
    installed_on: Text | None = None
    purpose: Text | None = None
    purpose_review_on: Text | None = None
    sign_evidence: Text | None = None
    transport: Text | None = None
    audio_purpose: Text | None = None
    retention_days: float | None = None
    retention_bytes: int | None = Field(None, ge=0, lt=1 << 62)
    tls_sha256: Text | None = None

    def given(self) -> dict[str, Any]:
        """What the request names."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class GivenCamera(CameraChange):
    code: Text = Field(description="The center's own number for it.")
    center: Text | None = Field(None, description="Code of its center; null: the caller's own.")


class NewCamera(GivenCamera):
    name: Text
    main_url: Text


class RegisteredStream(BaseModel):
    name: StreamName
    url: str = Field(description="Never with a user name or a password.")


class CameraDetail(BaseModel):
    """A camera as it is registered; positions are WGS 84."""

    id: str
    code: str
    name: str
    center: str = Field(description="Code of its center.")
    center_id: str
    center_name: str
    maker: str | None
    model: str | None
    latitude: float | None
    longitude: float | None
    main_url: str | None
    sub_url: str | None
    streams: list[RegisteredStream]
    username: str | None = Field(description="At the camera. Null too for who may not register cameras.")
    disabled: bool
    onvif_url: str | None
    serial: str | None
    firmware: str | None
    mac: str | None
    gb28181_id: str | None
    address: str | None
    height_m: float | None
    azimuth_deg: float | None
    tilt_deg: float | None
    fov_deg: float | None
    range_m: float | None
    watched_area: str | None
    type: str | None
    owner: str | None
    managing_unit: str | None
    contact: str | None
    installed_on: str | None
    purpose: str | None
    purpose_review_on: str | None
    sign_evidence: str | None
    transport: Transport
    audio_purpose: str | None
    retention_days: float | None
    retention_bytes: int | None
    tls_sha256: str | None
    created_us: int
    updated_us: int


class CameraAddress(BaseModel):
    """Where a registered camera and its device are reached, to tell known devices from new ones."""

    id: str
    code: str
    name: str
    onvif_url: str | None
    main_url: str | None


class CameraAddresses(BaseModel):
    items: list[CameraAddress]


_OWN_COLUMNS = (
    "id", "code", "name", "center_id", "maker", "model", "latitude", "longitude", "disabled", "created_us",
    "updated_us", *particulars.FIELDS, *recording.FIELDS,
)  # fmt: skip


@router.post("/cameras", status_code=201)
def add_camera(body: NewCamera, principal: Registrar, context: Context, response: Response) -> CameraDetail:
    """One that is not registered yet."""
    with transaction(context.stores.core) as session:
        origin = Origin(center_named(session, principal, body.center).id, context.origin.node)
        query = select(Camera.id).where(Camera.center_id == origin.center_id, Camera.code == body.code)
        if session.scalar(query) is not None:
            raise Conflict("this code is taken in this center.", where=f"camera {body.code}", mend="Change that one.")
        saved = _registered(session, context, principal, origin, body.code, body.given())
        return _answer(session, principal, saved.camera, response)


@router.get("/cameras/addresses")
def list_addresses(principal: Registrar, context: Context) -> CameraAddresses:
    """Of all cameras, by code."""
    is_main = (CameraStream.camera_id == Camera.id) & (CameraStream.name == "main")
    query = select(Camera.id, Camera.code, Camera.name, Camera.onvif_url, CameraStream.url.label("main_url"))
    query = query.outerjoin(CameraStream, is_main).where(covered(Camera.center_id)).order_by(Camera.code, Camera.id)
    with reading_rows(context.stores.core) as rows:
        found = rows.execute(query, principal.scope.bound).mappings()
        return CameraAddresses(items=[CameraAddress(**row) for row in found])


@router.get("/cameras/{camera_id}")
def read_camera(camera_id: RowId, principal: CameraSeer, context: Context, response: Response) -> CameraDetail:
    with reading(context.stores.core) as session:
        return _answer(session, principal, cameras.get(session, camera_id, principal.scope), response)


@router.patch("/cameras/{camera_id}")
def change_camera(
    camera_id: RowId, body: CameraChange, request: Request, principal: Registrar, context: Context, response: Response
) -> CameraDetail:
    """With `If-Match`; audited with what it was before."""
    given = body.given()
    if not given:
        raise InvalidInput("nothing is named that should change.", mend="Name a column of an import.")
    with transaction(context.stores.core) as session:
        camera = cameras.get(session, camera_id, principal.scope, hold=True)
        require_match(request, camera.updated_us)
        _registered(session, context, principal, Origin(camera.center_id, camera.node), camera.code, given)
        return _answer(session, principal, camera, response)


def center_named(session: Session, principal: Principal, code: str | None) -> Center:
    """The center under this code, by default the caller's own. Raises `NotFound` outside of the caller's scope."""
    center = session.get(Center, principal.center_id) if code is None else centers.find(session, code)
    if center is None or center.id not in principal.scope:
        raise NotFound("there is no such center here.", where="center", mend="Name one of the centers that you see.")
    return center


def _registered(
    session: Session, context: ApiContext, principal: Principal, origin: Origin, code: str, given: dict[str, Any]
) -> Saved:
    return register(
        session,
        context.keyring,
        context.clock,
        origin,
        code,
        {name: value for name, value in given.items() if name not in ("code", "center")},
        RetentionLimits.of(context.settings.recorder),
        actor=principal.username,
        via="api",
        may_configure=origin.center_id in principal.scope_of(Right.CONFIGURE),
    )


def _answer(session: Session, principal: Principal, camera: Camera, response: Response) -> CameraDetail:
    response.headers["ETag"] = etag(camera.updated_us)
    center = session.get_one(Center, camera.center_id)
    login = session.get(Credential, camera.id) if _may_register(principal, camera) else None
    urls = {stream.name: stream.url for stream in camera.streams}
    return CameraDetail(
        **{name: getattr(camera, name) for name in _OWN_COLUMNS},
        center=center.code,
        center_name=center.name,
        main_url=urls.get("main"),
        sub_url=urls.get("sub"),
        streams=[RegisteredStream(name=name, url=url) for name, url in sorted(urls.items())],
        username=login.username if login else None,
    )


def _may_register(principal: Principal, camera: Camera) -> bool:
    return camera.center_id in principal.scope_of(Right.REGISTER) and not principal.locked
