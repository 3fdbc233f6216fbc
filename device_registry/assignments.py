"""Which recorder records which stream onto which disk: `assignments.json`, all that a recorder needs to know.

A disk belongs to one recorder. A stream stays on its disk for as long as the disk is there, because its footage is; a
new one goes where least is recorded. The file holds passwords only as the keyring sealed them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from device_registry.models import Camera, CameraStream, Credential
from foundation.files import ensure_folder, write_atomically
from foundation.settings import Settings

FILE_NAME: Final = "assignments.json"
# A main stream of 4 Mbit/s fills a disk about as fast as eight sub streams.
_WEIGHT: Final = {"main": 8, "sub": 1}

Assignments = dict[str, Any]
Fences = Mapping[tuple[str, str], int]  # by camera_id and stream


def build(
    session: Session,
    *,
    node: str,
    recorders: int,
    disks: Sequence[Path],
    fences: Fences | None = None,
    previous: Assignments | None = None,
) -> Assignments:
    """The node's streams that a lease is held for; the generation rises when anything differs from `previous`.

    Without `fences` every stream is handed out under fence 1: a single machine without leases.
    """
    rows = [row for row in session.execute(_query(node)) if fences is None or (row[0].id, row[1].name) in fences]
    keys = [(camera.id, stream.name) for camera, stream, _ in rows]
    places = _places(keys, [str(disk) for disk in disks], previous)
    streams = [
        {
            "recorder": places[key] % recorders,
            "center_id": camera.center_id,
            "camera_id": camera.id,
            "camera_code": camera.code,
            "stream": stream.name,
            "url": stream.url,
            "username": credential.username if credential else None,
            "password": credential.password if credential else None,
            "fence": 1 if fences is None else fences[key],
            "disk": str(disks[places[key]]),
        }
        for key, (camera, stream, credential) in zip(keys, rows, strict=True)
    ]
    return {"generation": _generation(streams, previous), "streams": streams}


def _query(node: str) -> Any:
    return (
        select(Camera, CameraStream, Credential)
        .join(CameraStream, CameraStream.camera_id == Camera.id)
        .outerjoin(Credential, Credential.camera_id == Camera.id)
        .where(Camera.node == node, Camera.disabled.is_(False))
        .order_by(Camera.id, CameraStream.name)
    )


def _places(
    keys: Sequence[tuple[str, str]], disks: Sequence[str], previous: Assignments | None
) -> dict[tuple[str, str], int]:
    """Index of the disk for each stream."""
    before = {(old["camera_id"], old["stream"]): old["disk"] for old in (previous or {}).get("streams", [])}
    places = {key: disks.index(before[key]) for key in keys if before.get(key) in disks}
    load = [0] * len(disks)
    for key, place in places.items():
        load[place] += _WEIGHT[key[1]]
    for key in keys:
        if key not in places:
            places[key] = load.index(min(load))
            load[places[key]] += _WEIGHT[key[1]]
    return places


def _generation(streams: list[dict[str, Any]], previous: Assignments | None) -> int:
    if previous is None:
        return 1
    generation: int = previous["generation"]
    return generation if previous["streams"] == streams else generation + 1


def read(run_dir: Path) -> Assignments | None:
    """What was written last; None when nothing readable is there, and everything is placed anew."""
    try:
        found = json.loads((run_dir / FILE_NAME).read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "generation" in found and "streams" in found else None


def write(run_dir: Path, assignments: Assignments) -> None:
    text = json.dumps(assignments, ensure_ascii=False, indent=1)
    write_atomically(ensure_folder(run_dir) / FILE_NAME, text.encode(), mode=0o600)


def refresh(session: Session, settings: Settings, fences: Fences | None = None) -> Assignments:
    """Bring the file up to date with the registry; a file that says so already is not touched."""
    previous = read(settings.run_dir)
    assignments = build(
        session,
        node=settings.center.node,
        recorders=settings.recorder.processes,
        disks=[disk.absolute() for disk in settings.footage_disks],
        fences=fences,
        previous=previous,
    )
    if assignments != previous:
        write(settings.run_dir, assignments)
    return assignments
