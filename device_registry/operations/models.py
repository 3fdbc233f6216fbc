"""The table of this room, in the store *core*."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import CoreBase


class PtzControl(CoreBase):
    __tablename__ = "ptz_control"
    __table_args__ = ({"comment": "who steers a camera, or did last; its times are the database's clock, UTC"},)

    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"), primary_key=True, comment="its camera")
    holder: Mapped[str] = mapped_column(String(128), comment="account's user name, or cli:USER")
    priority: Mapped[int] = mapped_column(comment="the higher takes over: 0 patrol, 1 operator, 2 senior, 3 supervisor")
    since_us: Mapped[int] = mapped_column(comment="when the holder took it")
    expires_us: Mapped[int] = mapped_column(index=True, comment="until when it is the holder's, unless used again")
    home_due: Mapped[bool] = mapped_column(comment="moved since it was home; it returns when nobody steers it")
