"""Which recorder records which stream onto which disks: `assignments.json`, all that a recorder needs to know.

A disk belongs to one recorder, and so a stream's disks are those of its recorder. Its first choice stays for as long as
that disk is there, because its footage is; that of a new one is where least is recorded. The others follow in an order
of its own, so that the streams of a disk that fails spread over all that are left. The file holds passwords only as
the keyring sealed them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import or_, select
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
            "recorder": owner(places[key], recorders),
            "center_id": camera.center_id,
            "camera_id": camera.id,
            "camera_code": camera.code,
            "stream": stream.name,
            "url": stream.url,
            "username": credential.username if credential else None,
            "password": credential.password if credential else None,
            "fence": 1 if fences is None else fences[key],
            "disks": _in_order(key, places[key], [str(disk) for disk in disks], recorders),
            "transport": camera.transport,
            "tls_sha256": camera.tls_sha256,
            "audio": camera.audio_purpose is not None and stream.name == "main",
            "retention_days": camera.retention_days,
            "retention_bytes": camera.retention_bytes,
        }
        for key, (camera, stream, credential) in zip(keys, rows, strict=True)
    ]
    keep = _kept_otherwise(session, node, {camera.id for camera, _, _ in rows})
    return {"generation": _generation(streams, keep, previous), "streams": streams, "keep": keep}


def owner(place: int, recorders: int) -> int:
    """The recorder that a disk belongs to, by the disk's place in the settings."""
    return place % recorders


def _query(node: str) -> Any:
    return (
        select(Camera, CameraStream, Credential)
        .join(CameraStream, CameraStream.camera_id == Camera.id)
        .outerjoin(Credential, Credential.camera_id == Camera.id)
        .where(Camera.node == node, Camera.disabled.is_(False))
        .order_by(Camera.id, CameraStream.name)
    )


def _kept_otherwise(session: Session, node: str, recorded: Collection[str]) -> list[dict[str, Any]]:
    """Cameras that are not recorded and have a retention of their own: what they left is kept as long as they say."""
    own = or_(Camera.retention_days.is_not(None), Camera.retention_bytes.is_not(None))
    query = select(Camera.id, Camera.retention_days, Camera.retention_bytes).where(Camera.node == node, own)
    return [
        {"camera_id": camera_id, "retention_days": days, "retention_bytes": size}
        for camera_id, days, size in session.execute(query.order_by(Camera.id))
        if camera_id not in recorded
    ]


def _in_order(key: tuple[str, str], place: int, disks: Sequence[str], recorders: int) -> list[str]:
    """The stream's disks, the preferred one first, the others by rendezvous hashing."""
    others = [
        disk
        for other, disk in enumerate(disks)
        if other != place and owner(other, recorders) == owner(place, recorders)
    ]
    return [disks[place], *sorted(others, key=lambda disk: hashlib.sha256("\n".join((*key, disk)).encode()).digest())]


def _places(
    keys: Sequence[tuple[str, str]], disks: Sequence[str], previous: Assignments | None
) -> dict[tuple[str, str], int]:
    """Index of the disk for each stream."""
    before = {(old["camera_id"], old["stream"]): _first_disk(old) for old in (previous or {}).get("streams", [])}
    places = {key: disks.index(before[key]) for key in keys if before.get(key) in disks}
    load = [0] * len(disks)
    for key, place in places.items():
        load[place] += _WEIGHT[key[1]]
    for key in keys:
        if key not in places:
            places[key] = load.index(min(load))
            load[places[key]] += _WEIGHT[key[1]]
    return places


def _first_disk(stream: dict[str, Any]) -> str:
    """Files of earlier versions name one disk."""
    return str(stream["disks"][0] if "disks" in stream else stream["disk"])


def _generation(streams: list[dict[str, Any]], keep: list[dict[str, Any]], previous: Assignments | None) -> int:
    if previous is None:
        return 1
    generation: int = previous["generation"]
    return generation if (previous["streams"], previous.get("keep")) == (streams, keep) else generation + 1


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
