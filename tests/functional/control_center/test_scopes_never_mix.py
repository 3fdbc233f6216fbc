"""Two centers' data never mix: random trees, people and records, and each answer of the API beside a plain model."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.orm import Session

from control_center.alerts.models import Alert
from control_center.identity.models import Account, AccountGrant
from control_center.identity.roles import RIGHTS, Right, Role
from control_center.identity.sessions import Entrance, Visit, open_session
from device_registry.models import Camera, Center
from foundation import audit
from foundation.clock import ManualClock
from foundation.database import CoreBase, ObservationsBase, Stores, transaction
from foundation.identifiers import Origin, new_id
from matching.models import Hit

pytestmark = [pytest.mark.functional, pytest.mark.long]
LEVELS = ("city", "county", "station")
MINUTE_US = 60_000_000


@dataclass(frozen=True)
class Held:
    """A grant: for good, or a loan that stands, is over or was revoked."""

    role: Role
    center: int
    kind: str


@dataclass
class World:
    """Centers by number, each with its parent's; how many cameras and alerts each has; people with home and roles."""

    parents: list[int | None]
    cameras: list[int]
    alerts: list[int]
    people: list[tuple[int, list[Held]]]
    ids: dict[str, dict[object, str]] = field(default_factory=dict)

    def level(self, center: int) -> int:
        parent = self.parents[center]
        return 0 if parent is None else self.level(parent) + 1

    def below(self, center: int) -> set[int]:
        """The center and all below it, found by walking up from each."""
        return {other for other in range(len(self.parents)) if center in self.above(other)}

    def above(self, center: int | None) -> set[int]:
        return set() if center is None else {center} | self.above(self.parents[center])

    def reach(self, person: int, right: Right) -> set[int]:
        held = [each for each in self.people[person][1] if each.kind in ("for_good", "loan")]
        places = [self.below(each.center) for each in held if right in RIGHTS[each.role]]
        return set().union(*places)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    counties = draw(st.integers(1, 3))
    stations = draw(st.lists(st.integers(1, counties), min_size=1, max_size=4))
    parents = [None, *([0] * counties), *stations]
    counts = st.lists(st.integers(0, 2), min_size=len(parents), max_size=len(parents))
    center = st.integers(0, len(parents) - 1)
    held = st.builds(Held, st.sampled_from(Role), center, st.sampled_from(["for_good", "loan", "over", "revoked"]))
    unique = {"unique_by": lambda each: (each.role, each.center)}
    people = draw(st.lists(st.tuples(center, st.lists(held, max_size=3, **unique)), min_size=1, max_size=4))
    return World(parents, draw(counts), draw(counts), people)


# Somebody who reads one station and administers another, beside somebody of the whole city.
MIXED = World(
    [None, 0, 0, 1, 2],
    [1, 1, 1, 2, 2],
    [0, 1, 0, 2, 1],
    [
        (3, [Held(Role.OPERATOR, 3, "for_good"), Held(Role.ADMINISTRATOR, 4, "for_good")]),
        (0, [Held(Role.SUPERVISOR, 0, "for_good"), Held(Role.AUDITOR, 2, "for_good")]),
        (4, [Held(Role.ANALYST, 3, "loan"), Held(Role.OPERATOR, 1, "over")]),
    ],
)


@settings(max_examples=20)
@example(world=MIXED)
@given(world=worlds())
def test_every_answer_is_the_models(web_center, world: World) -> None:
    entrance = web_center.app.state.context.entrance
    _wipe(web_center.stores)
    with transaction(web_center.stores.core) as session:
        _fill(session, world, web_center.clock, entrance.origin)
        tokens = [_token(session, entrance, world, person) for person in range(len(world.people))]
    for person, token in enumerate(tokens):
        with web_center.client() as client:
            client.cookies.set("vedette_session", token)
            _check_lists(client, world, person)
            _check_single_ones(client, world, person)


def _check_lists(client: httpx.Client, world: World, person: int) -> None:
    homes = {number: home for number, (home, _) in enumerate(world.people)}
    loans = {key: held.center for key, held in _loans(world)}
    cameras = {key: key[0] for key in world.ids["camera"]}
    alerts = {key: key[0] for key in world.ids["alert"]}
    centers = {number: number for number in range(len(world.parents))}
    for path, right, kind, places in (
        ("/centers", Right.ENTER, "center", centers),
        ("/cameras", Right.SEE_CAMERAS, "camera", cameras),
        ("/alerts", Right.READ, "alert", alerts),
        ("/accounts", Right.ADMINISTER, "account", homes),
        ("/loans", Right.LEND, "grant", loans),
    ):
        reach = world.reach(person, right)
        answer = client.get(f"/api/v1{path}")
        if not _has(world, person, right):
            assert answer.status_code == 403, (path, answer.text)
            continue
        expected = {world.ids[kind][key] for key, place in places.items() if place in reach}
        assert {item["id"] for item in answer.json()["items"]} == expected, path
    _check_sessions(client, world, person, homes)
    _check_audit(client, world, person)
    if _has(world, person, Right.ENTER):
        overview = client.get("/api/v1/overview").json()
        assert overview["alerts"]["new"] == sum(world.alerts[place] for place in world.reach(person, Right.READ))
        seen = world.reach(person, Right.SEE_CAMERAS)
        assert overview["cameras"]["total"] == sum(world.cameras[place] for place in seen)


def _check_sessions(client: httpx.Client, world: World, person: int, homes: dict[int, int]) -> None:
    answer = client.get("/api/v1/sessions")
    if not _has(world, person, Right.ADMINISTER):
        assert answer.status_code == 403
        return
    reach = world.reach(person, Right.ADMINISTER)
    expected = sorted(world.ids["account"][number] for number, home in homes.items() if home in reach)
    assert sorted(item["account_id"] for item in answer.json()["items"]) == expected


def _check_audit(client: httpx.Client, world: World, person: int) -> None:
    answer = client.get("/api/v1/audit", params={"action": "cli:camera:add", "limit": 200})
    if not _has(world, person, Right.AUDIT):
        assert answer.status_code == 403
        return
    reach = world.reach(person, Right.AUDIT)
    expected = sorted(world.ids["camera"][key] for key in world.ids["camera"] if key[0] in reach)
    assert sorted(item["subject"] for item in answer.json()["items"]) == expected


def _check_single_ones(client: httpx.Client, world: World, person: int) -> None:
    for (place, _), alert_id in world.ids["alert"].items():
        seen = _status(world, person, Right.READ, place, 200)
        assert client.get(f"/api/v1/alerts/{alert_id}").status_code == seen
        # A version of long ago: whoever may decide there learns that, and nobody else learns anything.
        step = {"to": "acknowledged", "version": 99}
        answer = client.post(f"/api/v1/alerts/{alert_id}/transitions", json=step)
        assert answer.status_code == _status(world, person, Right.DECIDE, place, 409)
    for (place, _), camera_id in world.ids["camera"].items():
        body = {"camera_id": camera_id, "stream": "main", "start_us": 1, "end_us": 2, "reason": "test of scopes"}
        answer = client.post("/api/v1/clip-tickets", json=body)
        assert (answer.status_code < 300) == (place in world.reach(person, Right.PLAYBACK)), answer.text
        if answer.status_code >= 300:
            assert answer.status_code == _status(world, person, Right.PLAYBACK, place, 0)
    for number, (home, _) in enumerate(world.people):
        answer = client.get(f"/api/v1/accounts/{world.ids['account'][number]}")
        assert answer.status_code == _status(world, person, Right.ADMINISTER, home, 200)


def _has(world: World, person: int, right: Right) -> bool:
    return bool(world.reach(person, right))


def _status(world: World, person: int, right: Right, place: int, within: int) -> int:
    if not _has(world, person, right):
        return 403
    return within if place in world.reach(person, right) else 404


def _loans(world: World) -> Collection[tuple[object, Held]]:
    return [
        ((number, place), held)
        for number, (_, roles) in enumerate(world.people)
        for place, held in enumerate(roles)
        if held.kind != "for_good"
    ]


def _wipe(stores: Stores) -> None:
    for engine, base in ((stores.observations, ObservationsBase), (stores.core, CoreBase)):
        with transaction(engine) as session:
            for table in reversed(base.metadata.sorted_tables):
                session.execute(delete(table))


def _fill(session: Session, world: World, clock: ManualClock, origin: Origin) -> None:
    world.ids = {"center": {}, "camera": {}, "alert": {}, "account": {}, "grant": {}}
    for number, parent in enumerate(world.parents):
        center_id = origin.center_id if number == 0 else new_id(clock)
        world.ids["center"][number] = center_id
        session.add(
            Center(
                id=center_id,
                parent_id=None if parent is None else world.ids["center"][parent],
                node="node-1",
                code=f"11{number:010}",
                name=f"Center {number}",
                level=LEVELS[world.level(number)],
                created_us=0,
            )
        )
        session.flush()
        for place in range(world.cameras[number]):
            _add_camera(session, world, clock, number, place)
        for place in range(world.alerts[number]):
            _add_alert(session, world, clock, number, place)
    for number in range(len(world.people)):
        _add_person(session, world, clock, number)


def _add_camera(session: Session, world: World, clock: ManualClock, center: int, place: int) -> None:
    origin = Origin(world.ids["center"][center], "node-1")
    camera_id = world.ids["camera"][center, place] = new_id(clock)
    session.add(
        Camera(
            id=camera_id,
            center_id=origin.center_id,
            node=origin.node,
            code=str(place),
            name="Gate",
            created_us=0,
            updated_us=0,
            streams=[],
        )
    )
    session.flush()
    audit.record(
        session, audit.AuditAction.CLI_CAMERA_ADD, origin=origin, actor="cli:test", subject=camera_id, clock=clock
    )


def _add_alert(session: Session, world: World, clock: ManualClock, center: int, place: int) -> None:
    origin = {"center_id": world.ids["center"][center], "node": "node-1"}
    hit = Hit(id=new_id(clock), **origin, weight_mbits=1, probability=0.9, explanation={"fields": []}, created_us=0)
    session.add(hit)
    session.flush()
    alert_id = world.ids["alert"][center, place] = new_id(clock)
    session.add(
        Alert(
            id=alert_id,
            **origin,
            hit_id=hit.id,
            kind="record_hit",
            state="new",
            version=1,
            severity="low",
            subject="somebody",
            verifications_needed=1,
            created_us=0,
        )
    )


def _add_person(session: Session, world: World, clock: ManualClock, number: int) -> None:
    home, roles = world.people[number]
    account_id = world.ids["account"][number] = new_id(clock)
    session.add(
        Account(
            id=account_id,
            center_id=world.ids["center"][home],
            node="node-1",
            username=f"person-{number}",
            display_name=f"Person {number}",
            password_state="own",
            failures=0,
            locked_until_us=0,
            created_us=0,
            version=1,
            totp_step=0,
        )
    )
    session.flush()
    now_us = clock.now_us()
    for place, held in enumerate(roles):
        grant_id = world.ids["grant"][number, place] = new_id(clock)
        session.add(
            AccountGrant(
                id=grant_id,
                account_id=account_id,
                role=held.role,
                center_id=world.ids["center"][held.center],
                granted_us=0,
                granted_by="cli:test",
                until_us={"for_good": None, "over": now_us}.get(held.kind, now_us + 5 * MINUTE_US),
                reason="",
                revoked_us=now_us if held.kind == "revoked" else None,
            )
        )


def _token(session: Session, entrance: Entrance, world: World, person: int) -> str:
    session.flush()
    account = session.get_one(Account, world.ids["account"][person])
    return open_session(session, entrance, account, "password", Visit()).token
