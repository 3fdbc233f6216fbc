"""How a camera is recorded: over which transport, whether with sound, and how long its footage is kept."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy.orm import Session

from device_registry.camera_fields import InvalidCamera
from device_registry.changing import change_columns
from device_registry.models import TRANSPORTS, Camera
from foundation.audit import AuditAction
from foundation.clock import Clock
from foundation.errors import FieldProblem
from foundation.settings import RecorderSettings

FIELDS: Final = ("transport", "audio_purpose", "retention_days", "retention_bytes", "tls_sha256")
PURPOSE_LIMIT: Final = 500  # characters
LEAST_BYTES: Final = 1 << 20  # less is not one minute of the smallest stream
MOST_BYTES: Final = 1 << 60
_NONE: Final = frozenset({"none", "无", "-"})
_SHA256: Final = re.compile("[0-9a-f]{64}")

# By field; what is not in it stays as it is, and None takes a field back: no sound, or what holds for the whole center.
Given = Mapping[str, Any]


class RetentionLimits(NamedTuple):
    """What a camera may ask for at this center."""

    min_days: float
    max_days: float

    @classmethod
    def of(cls, settings: RecorderSettings) -> RetentionLimits:
        return cls(settings.retention_min_days, settings.retention_max_days)


def change(
    session: Session,
    clock: Clock,
    camera: Camera,
    given: Given,
    limits: RetentionLimits,
    *,
    action: AuditAction,
    actor: str,
    may_configure: bool = True,
) -> frozenset[str]:
    """Set what is given, in the caller's transaction; the names of what changed. Raises `InvalidCamera`.

    Who may not configure may name what is so already, as a table that was exported does.
    """
    given = checked(camera.code, given, limits)
    if not may_configure:
        refuse_change(camera, given)
    return change_columns(session, clock, camera, given, action=action, actor=actor)


def refuse_change(camera: Camera, given: Given) -> None:
    """Raise `InvalidCamera` where something given would change how the camera is recorded."""
    differing = [name for name in FIELDS if name in given and given[name] != getattr(camera, name)]
    if differing:
        raise InvalidCamera(camera.code, [_not_yours(name) for name in differing])


def checked(code: str, given: Given, limits: RetentionLimits) -> dict[str, Any]:
    """What is given, as it is kept. Raises `InvalidCamera` with every problem."""
    given = {name: _cleaned(name, value) for name, value in given.items()}
    if problems := list(_problems(given, limits)):
        raise InvalidCamera(code, problems)
    return given


def parsed(code: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """What somebody wrote, on the command line or in a file: `none` takes a field back. Raises `InvalidCamera`."""
    given: dict[str, Any] = {name: text.strip() for name, text in texts.items() if name in FIELDS}
    for name, text in given.items():
        if name != "transport" and text.lower() in _NONE:
            given[name] = None
        elif name in ("retention_days", "retention_bytes"):
            given[name] = _number(code, name, text)
    return given


def _not_yours(name: str) -> FieldProblem:
    what = "only who holds the right to configure changes this."
    return FieldProblem(name, what, "Leave it as it is, or ask a supervisor.")


def _cleaned(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    # OpenSSL writes fingerprints in pairs of capitals.
    return value.strip().replace(":", "").lower() if name == "tls_sha256" else value.strip()


def _number(code: str, name: str, text: str) -> float | int:
    try:
        return float(text) if name == "retention_days" else int(text)
    except ValueError:
        mend = "Write days such as 14 or 0.5, or none." if name == "retention_days" else "Write whole bytes, or none."
        raise InvalidCamera(code, [FieldProblem(name, "this is not a number.", mend)]) from None


def _problems(given: Given, limits: RetentionLimits) -> Iterator[FieldProblem]:
    if given.get("transport", "tcp") not in TRANSPORTS:
        yield FieldProblem("transport", "there is no such transport.", f"Write {' or '.join(TRANSPORTS)}.")
    purpose = given.get("audio_purpose")
    if purpose is not None and not (0 < len(purpose) <= PURPOSE_LIMIT and purpose.isprintable()):
        yield FieldProblem(
            "audio_purpose",
            f"the purpose is empty, longer than {PURPOSE_LIMIT} characters or not printable.",
            "Say in a few words what the sound is needed for, or write none.",
        )
    pin = given.get("tls_sha256")
    if pin is not None and not _SHA256.fullmatch(pin):
        yield FieldProblem("tls_sha256", "this is no SHA-256 fingerprint.", "Write its 64 hexadecimal digits, or none.")
    days = given.get("retention_days")
    if days is not None and not (math.isfinite(days) and limits.min_days <= days <= limits.max_days and days > 0):
        yield FieldProblem(
            "retention_days",
            f"it lies outside of {limits.min_days:g} to {limits.max_days:g} days.",
            "Choose within recorder.retention_min_days and recorder.retention_max_days, or none.",
        )
    size = given.get("retention_bytes")
    if size is not None and not LEAST_BYTES <= size <= MOST_BYTES:
        yield FieldProblem(
            "retention_bytes", f"it is less than {LEAST_BYTES} or more than this machine counts.", "Mend it, or none."
        )
