from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from device_registry import centers
from device_registry.models import Center
from foundation.clock import ManualClock
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.identifiers import Origin
from foundation.scope import Scope
from foundation.settings import Settings


@pytest.fixture
def add(session: Session, clock: ManualClock):
    def add(code: str, level: str, parent: str | None = None) -> Center:
        return centers.add(
            session, clock, node="n", code=code, name=f"Center {code}", level=level, parent_code=parent, actor="test"
        )

    return add


@pytest.fixture
def city(add) -> Center:
    city = add("110000", "city")
    add("110102", "county", "110000")
    add("110101", "county", "110000")
    add("110101000001", "station", "110101")
    add("110101000002", "station", "110101")
    add("110102000001", "station", "110102")
    return city


def test_tree_is_depth_first_with_siblings_by_code(session: Session, city: Center) -> None:
    assert [(row.center.code, row.depth) for row in centers.tree(session)] == [
        ("110000", 0),
        ("110101", 1),
        ("110101000001", 2),
        ("110101000002", 2),
        ("110102", 1),
        ("110102000001", 2),
    ]


def test_tree_within_a_scope_hangs_from_its_highest(session: Session, city: Center) -> None:
    county = centers.find(session, "110101")
    assert county is not None
    scope = centers.descendants(session, county.id)
    assert [(row.center.code, row.depth) for row in centers.tree(session, scope)] == [
        ("110101", 0),
        ("110101000001", 1),
        ("110101000002", 1),
    ]


def test_descendants_hold_the_center_and_all_below_and_nothing_else(session: Session, city: Center) -> None:
    assert len(centers.descendants(session, city.id)) == 6
    station = centers.find(session, "110102000001")
    assert station is not None
    assert centers.descendants(session, station.id) == Scope([station.id])
    assert centers.descendants(session, "nobody") == Scope()


def test_descendants_end_even_in_a_ring(session: Session, city: Center) -> None:
    station = centers.find(session, "110101000001")
    assert station is not None
    session.execute(update(Center).where(Center.id == city.id).values(parent_id=station.id))
    assert len(centers.descendants(session, city.id)) == 6


def test_path_leads_from_the_top(session: Session, city: Center) -> None:
    station = centers.find(session, "110102000001")
    assert station is not None
    assert [center.code for center in centers.path(session, station.id)] == ["110000", "110102", "110102000001"]
    with pytest.raises(NotFound):
        centers.path(session, "nobody")


@pytest.mark.parametrize("code", ["", "11000", "1100000", "11000a", "１１００００"])
def test_refuses_codes_that_are_no_codes(add, code: str) -> None:
    with pytest.raises(InvalidInput):
        add(code, "city")


def test_refuses_a_taken_code_an_unknown_parent_and_a_parent_not_above(add, city: Center) -> None:
    with pytest.raises(Conflict):
        add("110000", "city")
    with pytest.raises(NotFound):
        add("120101", "county", "120000")
    with pytest.raises(InvalidInput):
        add("110103", "county", "110101000001")
    with pytest.raises(InvalidInput):
        add("110103", "village", "110101")


def test_the_local_center_is_added_once(
    session: Session, settings: Settings, clock: ManualClock, origin: Origin
) -> None:
    assert centers.ensure_local(session, settings, clock) == origin
    assert [row.center.code for row in centers.tree(session)] == [settings.center.code]
