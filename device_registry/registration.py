"""A camera with any of the columns that an import knows, as values: what is wrong with it is told all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, Final

from sqlalchemy.orm import Session

from device_registry import camera_fields, cameras, particulars, recording
from device_registry.camera_fields import CameraFields, InvalidCamera
from device_registry.cameras import Saved
from device_registry.changing import Via
from device_registry.recording import RetentionLimits
from foundation.clock import Clock
from foundation.errors import FieldProblem
from foundation.identifiers import Origin
from foundation.keyring import Keyring

_REACHED_BY: Final = frozenset(field.name for field in fields(CameraFields)) - {"code"}


def register(
    session: Session,
    keyring: Keyring,
    clock: Clock,
    origin: Origin,
    code: str,
    given: Mapping[str, Any],
    limits: RetentionLimits,
    *,
    actor: str,
    via: Via,
    may_configure: bool = True,
) -> Saved:
    """Register the camera in the origin's center, or change what is given of it, in the caller's transaction.

    `given` has the import's columns; what is not in it stays as it is, and `None` takes a column back. Raises
    `InvalidCamera` with every problem that can be told before the camera itself is looked at.
    """
    told = {name: value for name, value in given.items() if value is not None}
    cleared = {name for name in given.keys() - told.keys() if name not in recording.FIELDS}
    reached = CameraFields(code=code, **{name: told[name] for name in _REACHED_BY & told.keys()})
    recorded = {name: given[name] for name in recording.FIELDS if name in given}
    kept: dict[str, Any] = dict.fromkeys(cleared)
    problems = [_kept(name) for name in sorted(cleared - particulars.CLEARABLE)]
    with _gathering(problems):
        camera_fields.checked(reached)
    with _gathering(problems):
        kept |= particulars.parsed(code, {name: str(told[name]) for name in particulars.FIELDS if name in told})
    with _gathering(problems):
        recorded = recording.checked(code, recorded, limits)
    if problems:
        raise InvalidCamera(code, problems)
    return cameras.save(
        session,
        keyring,
        clock,
        origin,
        reached,
        actor=actor,
        via=via,
        columns=kept | recorded,
        may_configure=may_configure,
    )


def _kept(name: str) -> FieldProblem:
    return FieldProblem(name, "this column cannot be cleared.", "Give its value, or leave it out.")


@contextmanager
def _gathering(problems: list[FieldProblem]) -> Iterator[None]:
    try:
        yield
    except InvalidCamera as error:
        problems += error.problems
