"""Monitoring centers as a tree: city, county, station. What lies below a center is asked of SQL, not walked here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import CTE, Connection, Select, select
from sqlalchemy.orm import Session

from device_registry.models import LEVELS, Center, Level
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import Clock
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.identifiers import Origin, new_id
from foundation.scope import Scope, covered
from foundation.settings import Settings

_CODE = re.compile(r"\d{6}|\d{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TreeRow:
    center: Center
    depth: int


def add(
    session: Session,
    clock: Clock,
    *,
    node: str,
    code: str,
    name: str,
    level: str,
    parent_code: str | None = None,
    actor: str,
) -> Center:
    where = f"center {code}"
    if not _CODE.fullmatch(code):
        raise InvalidInput("the code is not 6 or 12 digits.", where=where, mend="Use GB/T 2260 or GA/T 380.")
    if find(session, code) is not None:
        raise Conflict("this code is taken.", where=where, mend="Choose another code.")
    center = Center(
        id=new_id(clock),
        parent_id=_parent_id(session, parent_code, _level(level, where), where),
        node=node,
        code=code,
        name=_name(name, where),
        level=_level(level, where),
        created_us=clock.now_us(),
    )
    session.add(center)
    session.flush()
    audit.record(
        session,
        AuditAction.CLI_CENTER_ADD,
        origin=Origin(center.parent_id or center.id, node),
        actor=actor,
        subject=center.id,
        detail={"code": code, "level": level, "parent": parent_code},
        clock=clock,
    )
    return center


def _level(level: str, where: str) -> Level:
    for known in LEVELS:
        if level == known:
            return known
    raise InvalidInput(f"{level!r} is not a level.", where=where, mend=f"Choose one of {', '.join(LEVELS)}.")


def _name(name: str, where: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= 200 or not name.isprintable():
        raise InvalidInput("the name is empty, too long or not printable.", where=where, mend="Give 1-200 characters.")
    return name


def _parent_id(session: Session, parent_code: str | None, level: Level, where: str) -> str | None:
    if parent_code is None:
        return None
    parent = find(session, parent_code)
    if parent is None:
        raise NotFound(f"there is no center {parent_code} above it.", where=where, mend="Add the upper center first.")
    if LEVELS.index(parent.level) >= LEVELS.index(level):
        raise InvalidInput(
            f"a {level} cannot stand below a {parent.level}.", where=where, mend="The order is city, county, station."
        )
    return parent.id


def ensure_local(session: Session, settings: Settings, clock: Clock) -> Origin:
    """This center's row as the settings have it, added when it is missing: the origin of what is written here."""
    local, node = settings.center, settings.center.node
    center = find(session, local.code)
    if center is None:
        center = add(session, clock, node=node, code=local.code, name=local.name, level=local.level, actor="settings")
    center.name, center.level = local.name, local.level
    return Origin(center_id=center.id, node=node)


def find(session: Session, code: str) -> Center | None:
    if not _CODE.fullmatch(code):
        return None
    return session.scalar(select(Center).where(Center.code == code))


def below(center_id: str) -> Select[tuple[str]]:
    """The ids of the center and of all below it, to stand inside another query (`IN`)."""
    return select(_down(center_id).c.id)


def _down(center_id: str) -> CTE:
    # UNION, not UNION ALL: it drops doubles, so even a ring of parents comes to an end.
    found = select(Center.id).where(Center.id == center_id).cte("below", recursive=True)
    return found.union(select(Center.id).join(found, Center.parent_id == found.c.id))


def descendants(session: Session, center_id: str) -> Scope:
    """The center and all below it; empty when there is no such center."""
    return Scope(session.scalars(below(center_id)))


def path(session: Session, center_id: str) -> list[Center]:
    """From the top down to the center itself."""
    found = select(Center.id, Center.parent_id).where(Center.id == center_id).cte("above", recursive=True)
    found = found.union(select(Center.id, Center.parent_id).join(found, Center.id == found.c.parent_id))
    centers = list(session.scalars(select(Center).where(Center.id.in_(select(found.c.id)))))
    if not centers:
        raise NotFound("there is no such center.", where=f"center {center_id}")
    return sorted(centers, key=lambda center: LEVELS.index(center.level))


def tree(session: Session, scope: Scope | None = None) -> list[TreeRow]:
    """Depth first, siblings by code; with a scope only its own, hung from the highest of them."""
    query = select(Center).order_by(Center.code)
    if scope is not None:
        query = query.where(scope.covers(Center.id))
    return [TreeRow(center, depth) for center, depth in _depth_first(list(session.scalars(query)))]


def tree_rows(connection: Connection, scope: Scope) -> list[CenterRow]:
    """The same order, for a list that is asked for often."""
    return [row for row, _depth in _depth_first(connection.execute(_TREE_ROWS, scope.bound).all())]


class CenterRow(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def parent_id(self) -> str | None: ...
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str: ...


_Row = TypeVar("_Row", bound=Any)
_TREE_ROWS = (
    select(Center.id, Center.parent_id, Center.code, Center.name, Center.level)
    .where(covered(Center.id))
    .order_by(Center.code)
)


def _depth_first(centers: Sequence[_Row]) -> Iterator[tuple[_Row, int]]:
    known = {center.id for center in centers}
    children: dict[str | None, list[_Row]] = {}
    for center in centers:
        children.setdefault(center.parent_id if center.parent_id in known else None, []).append(center)
    return _walk(children, None, 0)


def _walk(children: dict[str | None, list[_Row]], parent_id: str | None, depth: int) -> Iterator[tuple[_Row, int]]:
    for center in children.get(parent_id, ()):
        yield center, depth
        yield from _walk(children, center.id, depth + 1)
