"""Repair tickets: their steps, who may take them, and what is kept of them."""

from __future__ import annotations

import base64
import hashlib
import struct
import zlib

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from device_registry.models import Camera
from device_registry.repairs import directory
from device_registry.repairs.models import RepairTicket
from device_registry.repairs.tickets import MAX_PICTURES, Tickets
from foundation.audit import AuditAction, AuditEntry
from foundation.clock import ManualClock
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.identifiers import Origin, new_id
from foundation.outbox import OutboxEvent
from foundation.scope import NOTHING, Scope


def png(shade: int = 0) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes([0, shade])))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def camera(session: Session, origin: Origin, clock: ManualClock) -> Camera:
    camera = Camera(
        id=new_id(clock),
        center_id=origin.center_id,
        node=origin.node,
        code="C1",
        name="Gate",
        created_us=clock.now_us(),
        updated_us=clock.now_us(),
        streams=[],
    )
    session.add(camera)
    session.flush()
    return camera


@pytest.fixture
def tickets(session: Session, origin: Origin, clock: ManualClock) -> Tickets:
    return Tickets(session, clock, Scope([origin.center_id]), "zhao", AuditAction.API_REPAIR_STEP)


def view(session: Session, ticket: RepairTicket) -> dict:
    return directory.view(session, Scope([ticket.center_id]), ticket.id)


def test_a_repair_from_its_opening_to_its_signature(tickets, session, camera, clock) -> None:
    ticket = tickets.open(camera.id, "the picture is dark")
    assert ticket.state == "open"
    clock.advance(5)
    tickets.assign(ticket, "North Electric")
    tickets.remark(ticket, "ladder needed")
    photo = tickets.add_picture(ticket, "photo", png(1))
    clock.advance(1)
    tickets.add_picture(ticket, "signature", png(2))
    tickets.finish(ticket, "lens cleaned", "Anna Li")
    shown = view(session, ticket)
    assert (shown["state"], shown["work"], shown["accepted_by"]) == ("done", "lens cleaned", "Anna Li")
    assert [one["step"] for one in shown["steps"]] == ["opened", "assigned", "noted", "noted", "noted", "done"]
    assert [one["kind"] for one in shown["pictures"]] == ["photo", "signature"]
    kept = directory.picture(session, Scope([ticket.center_id]), ticket.id, photo.id)
    assert base64.b64decode(kept.content) == png(1)
    assert (shown["closed_us"] - shown["opened_us"]) == 6_000_000


def test_each_step_is_in_the_trail_with_the_hash_of_its_picture(tickets, session, camera) -> None:
    ticket = tickets.open(camera.id, "dark")
    tickets.add_picture(ticket, "photo", png())
    entries = session.scalars(select(AuditEntry).where(AuditEntry.subject == ticket.id).order_by(AuditEntry.seq)).all()
    assert [(one.action, one.actor, one.detail["step"]) for one in entries] == [
        ("api:repair:step", "zhao", "opened"),
        ("api:repair:step", "zhao", "noted"),
    ]
    assert hashlib.sha256(png()).hexdigest() in entries[1].detail["text"]
    told = session.scalars(select(OutboxEvent).where(OutboxEvent.kind == "repair.changed")).all()
    assert [one.body["version"] for one in told] == [1, 2]


def test_it_is_not_done_without_photo_and_signature(tickets, camera) -> None:
    ticket = tickets.open(camera.id, "dark")
    with pytest.raises(Conflict, match="no photo yet"):
        tickets.finish(ticket, "cleaned", "Anna Li")
    tickets.add_picture(ticket, "photo", png())
    with pytest.raises(Conflict, match="no signature yet"):
        tickets.finish(ticket, "cleaned", "Anna Li")


def test_a_camera_has_one_repair_that_runs(tickets, camera) -> None:
    first = tickets.open(camera.id, "dark")
    with pytest.raises(Conflict, match=f"{first.id}.*not closed"):
        tickets.open(camera.id, "darker")
    tickets.cancel(first, "it was night")
    second = tickets.open(camera.id, "dark by day")
    with pytest.raises(Conflict, match=f"{second.id}.*not closed"):
        tickets.reopen(first, "after all")
    tickets.cancel(second, "see the first")
    tickets.reopen(first, "after all")
    assert (first.state, first.closed_us) == ("open", None)


def test_a_closed_ticket_takes_no_step(tickets, camera) -> None:
    ticket = tickets.open(camera.id, "dark")
    tickets.cancel(ticket, "night")
    for step in (
        lambda: tickets.assign(ticket, "North"),
        lambda: tickets.remark(ticket, "x"),
        lambda: tickets.add_picture(ticket, "photo", png()),
        lambda: tickets.finish(ticket, "x", "y"),
        lambda: tickets.cancel(ticket, "x"),
    ):
        with pytest.raises(Conflict, match="closed"):
            step()


def test_what_runs_is_not_reopened(tickets, camera) -> None:
    ticket = tickets.open(camera.id, "dark")
    with pytest.raises(Conflict, match="not closed"):
        tickets.reopen(ticket, "x")


def test_a_ticket_takes_so_many_pictures(tickets, camera) -> None:
    ticket = tickets.open(camera.id, "dark")
    for number in range(MAX_PICTURES):
        tickets.add_picture(ticket, "photo", png(number))
    with pytest.raises(Conflict, match="pictures already"):
        tickets.add_picture(ticket, "photo", png())


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001, "a\x1b[2J"], ids=["empty", "blank", "long", "control"])
def test_what_says_nothing_is_refused(tickets, camera, text: str) -> None:
    with pytest.raises(InvalidInput, match="empty"):
        tickets.open(camera.id, text)


def test_nothing_is_seen_or_done_elsewhere(tickets, session, camera, clock) -> None:
    ticket = tickets.open(camera.id, "dark")
    picture = tickets.add_picture(ticket, "photo", png())
    stranger = Tickets(session, clock, NOTHING, "qian", AuditAction.API_REPAIR_STEP)
    for ask in (
        lambda: stranger.open(camera.id, "x"),
        lambda: stranger.get(ticket.id),
        lambda: directory.view(session, NOTHING, ticket.id),
        lambda: directory.picture(session, NOTHING, ticket.id, picture.id),
    ):
        with pytest.raises(NotFound):
            ask()
    assert directory.page(session, NOTHING) == ([], None)


def test_the_list_is_paged_and_narrowed(tickets, session, camera, clock) -> None:
    made = []
    for number in range(5):
        clock.advance(1)
        made.append(tickets.open(camera.id, f"fault {number}"))
        if number < 4:
            tickets.cancel(made[-1], "no")
    scope = Scope([camera.center_id])
    first, cursor = directory.page(session, scope, limit=3)
    rest, end = directory.page(session, scope, limit=3, cursor=cursor)
    assert [one["id"] for one in first + rest] == [one.id for one in reversed(made)]
    assert end is None
    assert [one["id"] for one in directory.page(session, scope, running=True)[0]] == [made[4].id]
    assert len(directory.page(session, scope, running=False, camera_id=camera.id)[0]) == 4
