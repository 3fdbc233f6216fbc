from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

import ingest.footage
from control_center.alerts.models import Alert
from control_center.alerts.opening import Sighting, open_alert
from device_registry import centers
from device_registry.models import Camera
from foundation.clock import US_PER_S, ManualClock
from foundation.database import Stores, transaction
from foundation.identifiers import Origin, new_id
from matching.catalogue import Catalogue, load_catalogue
from matching.models import Hit, KeyPerson, RecordVersion, ReferenceRecord

Row = tuple[str, str, int, int]  # camera, stream, start and end in seconds
MakeDisk = Callable[..., Path]
SCHEMA = Path(ingest.footage.__file__).with_name("schema.sql").read_text()
CITY, COUNTY, STATION, OTHER = "110000000000", "110100000000", "110101010000", "110201010000"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@dataclass
class City:
    """A small tree with one camera at each station, and factories for what hangs on it."""

    stores: Stores
    catalogue: Catalogue
    clock: ManualClock
    centers: dict[str, str]
    cameras: dict[str, str]

    def origin(self, code: str = STATION) -> Origin:
        return Origin(self.centers[code], "node-1")

    def person(self, session: Session, list_name: str, **fields: Any) -> KeyPerson:
        row = KeyPerson(
            id=new_id(self.clock),
            center_id=self.centers[CITY],
            node="node-1",
            list_name=list_name,
            source_record=fields.pop("source_record", new_id(self.clock)),
            ground=fields.pop("ground", "arrest_warrant"),
            issuer="示范市公安局",
            instrument="W-1",
            issued_on="2023-01-01",
            action="核实身份",
            review_on="2030-01-01",
            expires_on="2030-01-01",
            imported_by=fields.pop("imported_by", "importer"),
            imported_us=self.clock.now_us(),
            **fields,
        )
        session.add(row)
        _raise_version(session, "lists")
        return row

    def reference(self, session: Session, database: str, **fields: Any) -> ReferenceRecord:
        row = ReferenceRecord(
            id=new_id(self.clock),
            center_id=self.centers[CITY],
            node="node-1",
            database=database,
            source_record=fields.pop("source_record", new_id(self.clock)),
            imported_us=self.clock.now_us(),
            **fields,
        )
        session.add(row)
        _raise_version(session, "references")
        return row

    def alert(
        self, session: Session, code: str = STATION, list_name: str = "wanted", plate: str | None = None
    ) -> Alert:
        """An alert of the center: a record hit, or with a plate a plate hit of its camera."""
        person = self.person(session, list_name, name="王小明", plate=plate)
        origin = self.origin(code)
        hit = Hit(
            id=new_id(self.clock),
            center_id=origin.center_id,
            node=origin.node,
            list_name=list_name,
            database=None if plate else "wanted_persons",
            key_person_id=person.id,
            observation_id=new_id(self.clock) if plate else None,
            weight_mbits=20_000,
            probability=0.99,
            explanation={"fields": []},
            created_us=self.clock.now_us(),
        )
        session.add(hit)
        session.flush()
        sighting = None
        if plate:
            now_us = self.clock.now_us()
            sighting = Sighting(hit.observation_id or "", self.cameras[code], plate, now_us, now_us + 1_000_000)
        alert = open_alert(session, self.catalogue, self.clock, origin, hit, sighting)
        assert alert is not None
        return alert


def _raise_version(session: Session, name: str) -> None:
    row = session.get(RecordVersion, name) or RecordVersion(name=name, version=0)
    row.version += 1
    session.add(row)
    session.flush()


def _camera(session: Session, clock: ManualClock, center_id: str) -> str:
    camera = Camera(
        id=new_id(clock),
        center_id=center_id,
        node="node-1",
        code="1",
        name="Gate",
        created_us=0,
        updated_us=0,
        streams=[],
    )
    session.add(camera)
    session.flush()
    return camera.id


@pytest.fixture
def make_city(catalogue: Catalogue, clock: ManualClock) -> Callable[[Stores], City]:
    def make(stores: Stores) -> City:
        tree = [(CITY, "city", None), (COUNTY, "county", CITY), (STATION, "station", COUNTY), (OTHER, "station", CITY)]
        with transaction(stores.core) as session:
            ids = {}
            for code, level, parent in tree:
                center = centers.add(
                    session, clock, node="node-1", code=code, name=code, level=level, parent_code=parent, actor="test"
                )
                ids[code] = center.id
            cameras = {code: _camera(session, clock, ids[code]) for code in (STATION, OTHER)}
        return City(stores, catalogue, clock, ids, cameras)

    return make


@pytest.fixture
def city(stores: Stores, make_city: Callable[[Stores], City]) -> City:
    return make_city(stores)


@pytest.fixture
def make_disk() -> MakeDisk:
    """A folder with a footage index: segments of a thousand bytes each, with their files, and a span of a camera's
    main stream whose packets were lost."""

    def make(folder: Path, *segments: Row, lost: Row | None = None) -> Path:
        folder.mkdir(parents=True)
        connection = sqlite3.connect(folder / "footage.sqlite3")
        connection.executescript(SCHEMA)
        connection.execute(
            "INSERT INTO codec (id, codec, rfc6381, width, height, init) VALUES (1, 'h264', 'a', 1, 1, x'00')"
        )
        for n, (camera, stream, start, end) in enumerate(segments):
            (folder / f"{n}.mp4").write_bytes(bytes(1_000))
            connection.execute(
                "INSERT INTO segment (camera_id, stream, fence, n, codec_id, path, start_us, duration_us,"
                " media_duration_90k, bytes, fragments, keyframes, sha256, complete)"
                " VALUES (?, ?, 1, ?, 1, ?, ?, ?, 0, 1000, 1, '[]', x'00', 1)",
                (camera, stream, n, f"{n}.mp4", start * US_PER_S, (end - start) * US_PER_S),
            )
        if lost:
            camera, stream, start, end = lost
            connection.execute(
                "INSERT INTO gap (camera_id, stream, start_us, end_us, cause) VALUES (?, ?, ?, ?, 'packet_loss')",
                (camera, stream, start * US_PER_S, end * US_PER_S),
            )
        connection.commit()
        connection.close()
        return folder

    return make
