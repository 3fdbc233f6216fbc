"""What a running center has done so far, read back from its databases and footage alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analysis.observations import Observation
from control_center.alerts.models import Alert
from device_registry.models import Camera
from device_registry.states import CameraState
from foundation.clock import US_PER_S
from foundation.database import Stores, reading
from foundation.settings import Settings
from ingest.footage.index import FootageIndex
from matching.models import ComparisonRun, Hit, KeyPerson, ReferenceRecord

_FAR_AWAY_US = 2**62
# List, its record, database, its record: the identifiers of the sources.
Pair = tuple[str | None, str | None, str | None, str | None]


@dataclass(slots=True)
class Figures:
    recording: int = 0
    segments: int = 0
    recorded_s: float = 0.0
    motion: int = 0
    plate_reads: int = 0
    comparisons: int = 0
    hits: int = 0
    plate_hits: int = 0
    record_hits: int = 0
    plates_read: dict[str, set[str]] = field(default_factory=dict)  # by camera code
    plates_alerted: set[str] = field(default_factory=set)
    pairs_alerted: set[Pair] = field(default_factory=set)


def read_figures(settings: Settings, stores: Stores) -> Figures:
    figures = Figures()
    with reading(stores.core) as session:
        codes = {camera.id: camera.code for camera in session.scalars(select(Camera))}
        recording = select(func.count()).select_from(CameraState).where(CameraState.state == "recording")
        figures.recording = session.scalar(recording) or 0
        _read_matching(session, figures)
    with reading(stores.observations) as session:
        _read_observations(session, figures, codes)
    for disk in settings.footage_disks:
        index = FootageIndex(disk)
        for camera_id, stream, *_ in index.streams():
            segments = index.segments(camera_id, stream, 0, _FAR_AWAY_US)
            figures.segments += len(segments)
            figures.recorded_s += sum(segment.duration_us for segment in segments) / US_PER_S
    return figures


def _read_observations(session: Session, figures: Figures, codes: dict[str, str]) -> None:
    kinds = select(Observation.kind, func.count()).group_by(Observation.kind)
    counts: dict[str, int] = dict(session.execute(kinds).tuples().all())
    figures.motion, figures.plate_reads = counts.get("motion", 0), counts.get("plate_read", 0)
    for read in session.scalars(select(Observation).where(Observation.kind == "plate_read")):
        code = codes.get(read.camera_id, read.camera_id)
        figures.plates_read.setdefault(code, set()).add(read.detail["plate"])


def _read_matching(session: Session, figures: Figures) -> None:
    cells = session.execute(select(ComparisonRun.list_name, ComparisonRun.database).distinct())
    figures.comparisons = len(cells.all())
    figures.hits = session.scalar(select(func.count()).select_from(Hit)) or 0
    alerts = (
        select(Alert, Hit, KeyPerson.source_record, ReferenceRecord.source_record)
        .join(Hit, Hit.id == Alert.hit_id)
        .outerjoin(KeyPerson, KeyPerson.id == Hit.key_person_id)
        .outerjoin(ReferenceRecord, ReferenceRecord.id == Hit.reference_id)
    )
    kinds: Counter[str] = Counter()
    for alert, hit, person, reference in session.execute(alerts):
        kinds[alert.kind] += 1
        if alert.kind == "plate_hit":
            figures.plates_alerted.add(alert.subject)
        else:
            figures.pairs_alerted.add((hit.list_name, person, hit.database, reference))
    figures.plate_hits, figures.record_hits = kinds["plate_hit"], kinds["record_hit"]
