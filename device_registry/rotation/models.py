"""The tables of rotation, in the store *core*."""

from __future__ import annotations

from typing import Final, Literal, get_args

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from device_registry.credentials import PURPOSE
from foundation.database import CoreBase, OriginColumns
from foundation.sealed import sealed_for

# waiting    not begun
# pending    the device may have been told its new password, or not
# done       it opens with the new password, which is the registry's now
# unchanged  it opens with the old one, or was never told anything
# rolled_back  it took the new one, did not open with it, and was given the old one again
# unknown    neither password is known to open it
# withdrawn  it was overtaken: a later rotation, another password in the registry, no camera left
DeviceState = Literal["waiting", "pending", "done", "unchanged", "rolled_back", "unknown", "withdrawn"]
DEVICE_STATES: Final[tuple[DeviceState, ...]] = get_args(DeviceState)
OPEN_STATES: Final = ("waiting", "pending", "unknown")
FAILED_STATES: Final = ("unchanged", "rolled_back", "unknown")
_IS_OPEN = "state IN ('waiting', 'pending', 'unknown')"


class PasswordRotation(OriginColumns, CoreBase):
    __tablename__ = "password_rotation"
    __table_args__ = ({"comment": "a rotation of passwords over many devices"},)

    started_us: Mapped[int] = mapped_column(comment="when it was begun, UTC microseconds")
    started_by: Mapped[str] = mapped_column(String(128), comment="who began it: an account, or cli:USER")


class RotatedDevice(OriginColumns, CoreBase):
    __tablename__ = "rotated_device"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(map(repr, DEVICE_STATES))})", name="state"),
        Index(
            "ix_rotated_device_open",
            "onvif_url",
            "username",
            unique=True,
            sqlite_where=text(_IS_OPEN),
            postgresql_where=text(_IS_OPEN),
        ),
        {"comment": "a device within a rotation: its user's passwords, before and after, while either may be right"},
    )

    rotation_id: Mapped[str] = mapped_column(ForeignKey("password_rotation.id"), index=True, comment="its rotation")
    place: Mapped[int] = mapped_column(comment="its turn within the rotation, from 0")
    onvif_url: Mapped[str] = mapped_column(String(1024), comment="where the device answers ONVIF; that of its cameras")
    username: Mapped[str] = mapped_column(String(200), comment="user whose password changes; that of its cameras")
    state: Mapped[DeviceState] = mapped_column(String(16), comment=", ".join(DEVICE_STATES))
    cause: Mapped[str | None] = mapped_column(Text, comment="one sentence where it is not done, with what to do")
    old_password: Mapped[str | None] = mapped_column(
        String(1024),
        comment="sealed by foundation.keyring for purpose credential; null before its turn and when settled",
        info=sealed_for(PURPOSE),
    )
    new_password: Mapped[str | None] = mapped_column(
        String(1024),
        comment="sealed by foundation.keyring for purpose credential; null when settled",
        info=sealed_for(PURPOSE),
    )
    changed_us: Mapped[int] = mapped_column(comment="when its state last changed, UTC microseconds")
