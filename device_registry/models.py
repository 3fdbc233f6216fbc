"""The tables of the device registry, in the store *core*."""

from __future__ import annotations

from typing import Literal, get_args

from sqlalchemy import CheckConstraint, Double, ForeignKey, ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.database import CoreBase, OriginColumns
from foundation.sealed import sealed_for

Level = Literal["city", "county", "station"]
StreamName = Literal["main", "sub"]
Transport = Literal["tcp", "udp"]

# From the top down: a center's parent stands further left.
LEVELS: tuple[Level, ...] = get_args(Level)
STREAM_NAMES: tuple[StreamName, ...] = get_args(StreamName)
TRANSPORTS: tuple[Transport, ...] = get_args(Transport)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Center(CoreBase):
    __tablename__ = "center"
    __table_args__ = (
        CheckConstraint(_one_of("level", LEVELS), name="level"),
        {"comment": "monitoring centers: this one, those below it and the path above it"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, comment="UUIDv7; the center_id of all its rows")
    parent_id: Mapped[str | None] = mapped_column(
        ForeignKey("center.id"), index=True, comment="the center above; null at the top"
    )
    node: Mapped[str] = mapped_column(String(64), comment="machine where the row was born")
    code: Mapped[str] = mapped_column(
        String(12), unique=True, comment="GA/T 380 agency code (12 digits) or GB/T 2260 division code (6 digits)"
    )
    name: Mapped[str] = mapped_column(String(200), comment="as people call it")
    level: Mapped[Level] = mapped_column(String(8), comment="city, county or station")
    created_us: Mapped[int] = mapped_column(comment="when the center was added")


class Camera(OriginColumns, CoreBase):
    __tablename__ = "camera"
    __table_args__ = (
        ForeignKeyConstraint(["center_id"], ["center.id"]),
        UniqueConstraint("center_id", "code"),
        {"comment": "cameras, recorded by the node that they were registered on"},
    )

    code: Mapped[str] = mapped_column(String(64), comment="the center's own number for it, e.g. GB/T 28181, 20 digits")
    name: Mapped[str] = mapped_column(String(200), comment="where it looks, as people say it")
    maker: Mapped[str | None] = mapped_column(String(100), comment="manufacturer")
    model: Mapped[str | None] = mapped_column(String(100), comment="manufacturer's model name")
    latitude: Mapped[float | None] = mapped_column(Double, comment="WGS 84, degrees north")
    longitude: Mapped[float | None] = mapped_column(Double, comment="WGS 84, degrees east")
    disabled: Mapped[bool] = mapped_column(default=False, comment="registered, but not recorded")
    transport: Mapped[Transport] = mapped_column(
        String(3), default="tcp", server_default="tcp", comment="how RTP comes: tcp (interleaved) or udp"
    )
    tls_sha256: Mapped[str | None] = mapped_column(
        String(64), comment="SHA-256 of the certificate that it must show over rtsps, hex; null: any certificate"
    )
    audio_purpose: Mapped[str | None] = mapped_column(
        Text, comment="the purpose that allows sound; null: no sound is recorded"
    )
    retention_days: Mapped[float | None] = mapped_column(
        Double, comment="how long footage is kept, days; null: the center's setting"
    )
    retention_bytes: Mapped[int | None] = mapped_column(
        comment="how much footage is kept, bytes; null: the center's setting"
    )
    onvif_url: Mapped[str | None] = mapped_column(
        String(1024), comment="where its device answers ONVIF, never with credentials; an NVR's cameras share it"
    )
    onvif_tls_sha256: Mapped[str | None] = mapped_column(
        String(64), comment="SHA-256 of the certificate that its device must show over https, hex; null: any"
    )
    serial: Mapped[str | None] = mapped_column(String(100), comment="serial number of the device")
    firmware: Mapped[str | None] = mapped_column(String(100), comment="firmware of the device, as its maker writes it")
    mac: Mapped[str | None] = mapped_column(String(17), comment="MAC address, pairs of lower-case digits with colons")
    gb28181_id: Mapped[str | None] = mapped_column(String(20), comment="GB/T 28181 ID, 20 digits")
    address: Mapped[str | None] = mapped_column(String(300), comment="postal address, or how to find it")
    height_m: Mapped[float | None] = mapped_column(Double, comment="mounting height above ground, metres")
    azimuth_deg: Mapped[float | None] = mapped_column(Double, comment="where it looks, degrees clockwise from north")
    tilt_deg: Mapped[float | None] = mapped_column(Double, comment="degrees below the horizon; negative: above")
    fov_deg: Mapped[float | None] = mapped_column(Double, comment="horizontal field of view, degrees")
    range_m: Mapped[float | None] = mapped_column(Double, comment="how far it is meant to see, metres")
    watched_area: Mapped[str | None] = mapped_column(String(300), comment="what it watches")
    type: Mapped[str | None] = mapped_column(String(50), comment="kind of camera, such as dome or bullet")
    owner: Mapped[str | None] = mapped_column(String(200), comment="who owns it")
    managing_unit: Mapped[str | None] = mapped_column(String(200), comment="who looks after it")
    contact: Mapped[str | None] = mapped_column(String(200), comment="whom to call about it")
    installed_on: Mapped[str | None] = mapped_column(String(10), comment="day of installation, ISO 8601")
    purpose: Mapped[str | None] = mapped_column(String(500), comment="what it is there for")
    purpose_review_on: Mapped[str | None] = mapped_column(
        String(10), comment="day when its purpose is to be reviewed, ISO 8601"
    )
    sign_evidence: Mapped[str | None] = mapped_column(
        String(500), comment="evidence that the public is told of it: where the sign hangs, its photo"
    )
    created_us: Mapped[int] = mapped_column(comment="when the camera was registered")
    updated_us: Mapped[int] = mapped_column(comment="when its registration last changed")

    streams: Mapped[list[CameraStream]] = relationship(
        lazy="selectin", order_by="CameraStream.name", cascade="all, delete-orphan"
    )


class CameraStream(CoreBase):
    __tablename__ = "camera_stream"
    __table_args__ = (
        CheckConstraint(_one_of("name", STREAM_NAMES), name="name"),
        {"comment": "what a camera offers over RTSP"},
    )

    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"), primary_key=True, comment="its camera")
    name: Mapped[StreamName] = mapped_column(String(4), primary_key=True, comment="main (recorded best) or sub (small)")
    url: Mapped[str] = mapped_column(String(1024), comment="rtsp URL, never with credentials")
    codec: Mapped[str | None] = mapped_column(String(8), comment="h264 or h265, as last seen")
    width: Mapped[int | None] = mapped_column(comment="pixels, as last seen")
    height: Mapped[int | None] = mapped_column(comment="pixels, as last seen")
    seen_us: Mapped[int | None] = mapped_column(comment="when codec, width and height were last seen to change")


class Credential(CoreBase):
    __tablename__ = "credential"
    __table_args__ = ({"comment": "how to sign in at a camera; one for all of its streams"},)

    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"), primary_key=True, comment="its camera")
    username: Mapped[str] = mapped_column(String(200), comment="user name at the camera")
    password: Mapped[str] = mapped_column(
        String(1024),
        comment="sealed by foundation.keyring for purpose credential",
        info=sealed_for("credential", key_id="key_id", sealed_us="sealed_us"),
    )
    key_id: Mapped[str] = mapped_column(String(64), index=True, comment="key that sealed it, for rotation")
    sealed_us: Mapped[int] = mapped_column(comment="when it was sealed")
