from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select

from control_center.media.reads import SET_ASIDE, MediaReads
from device_registry.models import Camera, Center
from foundation.audit import AuditEntry
from foundation.audit.check import verify
from foundation.clock import ManualClock
from foundation.database import reading, transaction
from foundation.identifiers import Origin, new_id
from ingest.live.reads import FINISHED, FOLDER, ClipRead, LiveRead, LostReads

HERE, ELSEWHERE = "0199a000-0000-7000-8000-0000000000c1", "0199a000-0000-7000-8000-0000000000c2"
CAMERA = "0199a000-0000-7000-8000-000000000001"
ORIGIN = Origin(HERE, "node-1")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def reads(core: Engine, tmp_path: Path, clock: ManualClock) -> MediaReads:
    now_us = clock.now_us()
    common = {"node": "node-1", "name": "Gate", "created_us": now_us}
    with transaction(core) as session:
        session.add(Center(id=HERE, code="110000000000", level="city", **common))
        session.flush()
        session.add(Center(id=ELSEWHERE, parent_id=HERE, code="110101000000", level="station", **common))
        session.flush()
        session.add(Camera(id=CAMERA, center_id=ELSEWHERE, code="C1", updated_us=now_us, **common))
    (tmp_path / FOLDER).mkdir()
    return MediaReads(core, tmp_path, ORIGIN, clock)


def live(clock: ManualClock, **changes: object) -> LiveRead:
    clock.advance(1)
    values = {
        "id": new_id(clock),
        "at_us": clock.now_us(),
        "account": "zhang",
        "session_id": "s1",
        "ticket": new_id(clock),
        "camera_id": CAMERA,
        "stream": "main",
        "from_us": clock.now_us(),
    }
    return LiveRead.model_validate(values | changes)


def clip(clock: ManualClock, **changes: object) -> ClipRead:
    values = live(clock).model_dump(exclude={"what", "began"})
    return ClipRead.model_validate(values | {"from_us": 5, "to_us": 9} | changes)


def spool(folder: Path, clock: ManualClock, *lines: LiveRead | ClipRead | LostReads | bytes) -> Path:
    clock.advance(1)
    path = folder / FOLDER / f"{new_id(clock)}{FINISHED}"
    encoded = (line if isinstance(line, bytes) else line.model_dump_json().encode() for line in lines)
    path.write_bytes(b"".join(line + b"\n" for line in encoded))
    return path


def entries(core: Engine) -> list[AuditEntry]:
    with reading(core) as session:
        assert verify(session).fault is None
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.seq)))


def test_each_line_becomes_an_entry_of_the_cameras_center(
    reads: MediaReads, core: Engine, tmp_path: Path, clock: ManualClock
) -> None:
    begun = live(clock)
    ended = live(clock, from_us=begun.from_us, to_us=begun.from_us + 7, began=begun.id, ticket=begun.ticket)
    played = clip(clock, alert_id="alert", account="li")
    path = spool(tmp_path, clock, begun, ended, played)
    clock.advance(60)
    assert reads.take_up() == 3
    assert not path.exists()
    first, second, third = entries(core)
    assert (first.id, first.at_us, first.actor, first.action) == (begun.id, begun.at_us, "zhang", "media:live:watch")
    assert (first.center_id, first.node, first.subject) == (ELSEWHERE, "node-1", CAMERA)
    assert first.detail == {
        "camera_id": CAMERA,
        "stream": "main",
        "from_us": begun.from_us,
        "to_us": None,
        "ticket": begun.ticket,
        "session": "s1",
        "alert_id": None,
        "began": None,
    }
    assert (second.detail["to_us"], second.detail["began"]) == (begun.from_us + 7, begun.id)
    assert (third.id, third.actor, third.action) == (played.id, "li", "media:footage:play")
    assert (third.detail["from_us"], third.detail["to_us"], third.detail["alert_id"]) == (5, 9, "alert")
    assert reads.take_up() == 0


def test_a_camera_that_is_gone_is_this_centers(
    reads: MediaReads, core: Engine, tmp_path: Path, clock: ManualClock
) -> None:
    spool(tmp_path, clock, live(clock, camera_id="gone"))
    assert reads.take_up() == 1
    assert [(entry.center_id, entry.subject) for entry in entries(core)] == [(HERE, "gone")]


def test_files_are_taken_up_oldest_first_and_those_being_written_are_left(
    reads: MediaReads, core: Engine, tmp_path: Path, clock: ManualClock
) -> None:
    lines = [live(clock) for _ in range(4)]
    paths = [spool(tmp_path, clock, line) for line in lines]
    being_written = paths[3].rename(paths[3].with_suffix(".part"))
    foreign = tmp_path / FOLDER / f"notes{FINISHED}"
    foreign.write_text("not the media server's")
    assert reads.take_up() == 3
    assert [entry.id for entry in entries(core)] == [line.id for line in lines[:3]]
    assert being_written.exists()
    assert foreign.exists()


def test_a_file_read_again_doubles_nothing(reads: MediaReads, core: Engine, tmp_path: Path, clock: ManualClock) -> None:
    """As after a kill between the commit and the deletion, or beside another process that reads the same."""
    line = live(clock)
    path = spool(tmp_path, clock, line, line)
    content = path.read_bytes()
    assert reads.take_up() == 1
    path.write_bytes(content)
    assert reads.take_up() == 0
    assert not path.exists()
    path.write_bytes(content + live(clock).model_dump_json().encode() + b"\n")
    assert reads.take_up() == 1
    assert len(entries(core)) == 2


def test_a_damaged_line_is_set_aside_and_told_of_once(
    reads: MediaReads, core: Engine, tmp_path: Path, clock: ManualClock
) -> None:
    good = live(clock)
    torn = live(clock).model_dump_json().encode()[:-20]
    wrong = live(clock).model_dump_json().replace('"main"', '"ma\\u0000in"').encode()
    path = spool(tmp_path, clock, b"\xff\xfe", good, b'{"what": "party"}', b"", wrong, torn)
    content = path.read_bytes()
    assert reads.take_up() == 2
    path.write_bytes(content)  # killed before the deletion
    assert reads.take_up() == 0
    kept, lost = entries(core)
    assert kept.id == good.id
    assert (lost.id, lost.action, lost.actor) == (path.stem, "media:read:lost", "live")
    assert lost.detail == {"count": 5, "cause": "damaged"}
    aside = tmp_path / FOLDER / SET_ASIDE / f"{path.stem}.txt"
    assert aside.read_bytes() == b"\n".join([b"\xff\xfe", b'{"what": "party"}', b"", wrong, torn]) + b"\n"


def test_what_the_media_server_could_not_write_is_told_of(
    reads: MediaReads, core: Engine, tmp_path: Path, clock: ManualClock
) -> None:
    lost = LostReads(id=new_id(clock), at_us=clock.now_us(), count=7, from_us=clock.now_us() - 5)
    spool(tmp_path, clock, lost)
    reads.take_up()
    [entry] = entries(core)
    assert (entry.id, entry.action) == (lost.id, "media:read:lost")
    assert entry.detail == {"count": 7, "cause": "unwritten", "from_us": lost.from_us}


def test_a_transaction_that_fails_leaves_the_file(
    reads: MediaReads, core: Engine, tmp_path: Path, clock: ManualClock
) -> None:
    lines = [live(clock) for _ in range(3)]
    path = spool(tmp_path, clock, *lines)
    inserts = 0

    @event.listens_for(core, "before_cursor_execute")
    def fail_at_the_third(*arguments: object) -> None:
        nonlocal inserts
        inserts += "INSERT INTO audit_entry" in str(arguments[2])
        if inserts == 3:
            raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        reads.take_up()
    event.remove(core, "before_cursor_execute", fail_at_the_third)
    assert path.exists()
    assert entries(core) == []
    assert reads.take_up() == 3
    assert [entry.id for entry in entries(core)] == [line.id for line in lines]


def test_without_a_folder_there_is_nothing_to_do(core: Engine, tmp_path: Path, clock: ManualClock) -> None:
    assert MediaReads(core, tmp_path / "absent", ORIGIN, clock).take_up() == 0


_KILLED = """
import os, signal, sys
from pathlib import Path
from control_center.media import reads as media_reads
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_engine
from foundation.identifiers import Origin

url, folder, center, step = sys.argv[1:]

def die(*arguments, **options):
    os.kill(os.getpid(), signal.SIGKILL)

if step == "entry":
    done = []
    record = media_reads.audit.record
    def counted(*arguments, **options):
        done.append(record(*arguments, **options))
        if len(done) == 3:
            die()
    media_reads.audit.record = counted
elif step == "aside":
    media_reads.transaction = die
elif step == "commit":
    Path.unlink = die
media_reads.MediaReads(open_engine(url), Path(folder), Origin(center, "node-1"), SYSTEM_CLOCK).take_up()
"""


@pytest.mark.parametrize("step", ["entry", "aside", "commit"])
def test_killed_at_any_step_nothing_is_lost_or_doubled(
    reads: MediaReads, core: Engine, tmp_path: Path, clock: ManualClock, step: str
) -> None:
    files = [[live(clock) for _ in range(4)] for _ in range(2)]
    for lines in files:
        spool(tmp_path, clock, *lines, b"torn")
    url = core.url.render_as_string(hide_password=False)
    for _ in range(3):
        arguments = [sys.executable, "-c", _KILLED, url, str(tmp_path), HERE, step]
        child = subprocess.run(arguments, check=False)
        assert child.returncode == -signal.SIGKILL
    reads.take_up()
    found = entries(core)
    assert [entry.id for entry in found if entry.action == "media:live:watch"] == [line.id for f in files for line in f]
    assert [entry.detail["count"] for entry in found if entry.action == "media:read:lost"] == [1, 1]
    assert list((tmp_path / FOLDER).glob(f"*{FINISHED}")) == []
    assert len(list((tmp_path / FOLDER / SET_ASIDE).iterdir())) == 2
