"""IDs by GB/T 28181, annex D, for cameras that have none: division, industry, type, network and a running number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from device_registry.changing import CHANGE_ACTION, Change, Via, note_changes, set_columns, touch
from device_registry.gb_codes import device_id
from device_registry.models import Camera, Center
from foundation.clock import Clock
from foundation.errors import InvalidInput
from foundation.scope import Scope

NETWORK_CAMERA: Final = "132"
_CHUNK: Final = 500
_MOST: Final = 999_999


class Assigned(NamedTuple):
    center_code: str
    code: str
    gb28181_id: str


def assign(
    session: Session, clock: Clock, scope: Scope, *, actor: str, industry: str = "00", network: str = "0", via: Via
) -> list[Assigned]:
    """Give each camera of these centers that has no ID the next one, by center and code; each is audited.

    The first eight digits are those of the center's code. Raises `InvalidInput` for a center whose code begins with no
    division, and nothing is given then.
    """
    if re.fullmatch("[0-9]{2}", industry) is None or re.fullmatch("[0-9]", network) is None:
        what = "the industry has two digits, and the network one."
        raise InvalidInput(what, where=f"{industry[:20]}, {network[:20]}", mend="See GB/T 28181, annex D.")
    query = select(Camera, Center.code).join(Center, Center.id == Camera.center_id)
    query = query.where(scope.covers(Camera.center_id), Camera.gb28181_id.is_(None))
    numbers = _Numbers(session, industry, network)
    assigned, changes = [], []
    for camera, center_code in session.execute(query.order_by(Center.code, Camera.code)):
        found = Assigned(center_code, camera.code, numbers.next(center_code))
        assigned.append(found)
        changes.append(Change(camera, set_columns(camera, {"gb28181_id": found.gb28181_id}), CHANGE_ACTION[via]))
        touch(clock, camera)
    for chunk in _chunks(changes):
        note_changes(session, clock, chunk, actor=actor)
    return assigned


def _chunks(changes: list[Change]) -> Iterator[list[Change]]:
    return (changes[at : at + _CHUNK] for at in range(0, len(changes), _CHUNK))


class _Numbers:
    """Running numbers, one row of them for each prefix, after the highest that is taken anywhere in the registry."""

    def __init__(self, session: Session, industry: str, network: str) -> None:
        self._session, self._industry, self._network = session, industry, network
        self._last: dict[str, int] = {}

    def next(self, center_code: str) -> str:
        prefix = f"{center_code[:8]:0<8}{self._industry}{NETWORK_CAMERA}{self._network}"
        if device_id(f"{prefix}000001") is None:
            what = "the center's code begins with no division of GB/T 2260, so it gives no IDs."
            raise InvalidInput(what, where=f"center {center_code}", mend="Write the IDs into the column gb28181_id.")
        number = self._last.get(prefix, 0) or self._highest(prefix)
        if number >= _MOST:
            raise InvalidInput("all running numbers are taken.", where=prefix, mend="Choose another network digit.")
        self._last[prefix] = number + 1
        return f"{prefix}{number + 1:06}"

    def _highest(self, prefix: str) -> int:
        taken = select(Camera.gb28181_id).where(Camera.gb28181_id.startswith(prefix))
        highest = self._session.scalar(taken.order_by(Camera.gb28181_id.desc()).limit(1))
        return int(highest[14:]) if highest else 0
