"""What cameras show that post plates by themselves: a token each, of which only the hash is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from device_registry.models import Camera
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import Clock
from foundation.database import CoreBase
from foundation.identifiers import Origin

_BYTES = 32


class PushToken(CoreBase):
    __tablename__ = "push_token"
    __table_args__ = ({"comment": "what a camera shows that posts plates by itself"},)

    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"), primary_key=True, comment="its camera")
    sha256: Mapped[str] = mapped_column(String(64), comment="SHA-256 of the token, hex; the token is kept nowhere")
    created_us: Mapped[int] = mapped_column(comment="when it was made")


def create(session: Session, clock: Clock, origin: Origin, camera: Camera, actor: str) -> str:
    """The camera's new token, told this once; an earlier one counts no more."""
    token = secrets.token_urlsafe(_BYTES)
    session.merge(PushToken(camera_id=camera.id, sha256=_hash(token), created_us=clock.now_us()))
    _note(session, AuditAction.CLI_PUSH_TOKEN_CREATE, clock, origin, camera, actor)
    return token


def remove(session: Session, clock: Clock, origin: Origin, camera: Camera, actor: str) -> bool:
    """False: it had none."""
    row = session.get(PushToken, camera.id)
    if row is None:
        return False
    session.delete(row)
    _note(session, AuditAction.CLI_PUSH_TOKEN_REMOVE, clock, origin, camera, actor)
    return True


def camera_of(session: Session, camera_id: str, token: str) -> Camera | None:
    """The camera, if that is its token and it is in use."""
    row = session.get(PushToken, camera_id)
    if row is None or not hmac.compare_digest(row.sha256, _hash(token)):
        return None
    camera = session.get(Camera, camera_id)
    return None if camera is None or camera.disabled else camera


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _note(session: Session, action: AuditAction, clock: Clock, origin: Origin, camera: Camera, actor: str) -> None:
    detail = {"code": camera.code}
    audit.record(session, action, origin=origin, actor=actor, subject=camera.id, detail=detail, clock=clock)
