"""Which centers' rows somebody may see. It stands in the WHERE of every query, never in a view's filter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.orm import InstrumentedAttribute


class Scope:
    """A set of center ids. The empty one sees nothing, and is what a caller has before a right is asked for."""

    __slots__ = ("center_ids",)

    def __init__(self, center_ids: Iterable[str] = ()) -> None:
        self.center_ids: Final = frozenset(center_ids)

    def covers(self, column: InstrumentedAttribute[str] | ColumnElement[Any]) -> ColumnElement[bool]:
        """The condition for a WHERE: the row's center is one of these."""
        return column.in_(self.center_ids)

    @property
    def bound(self) -> dict[str, list[str]]:
        """What a statement with `covered` is executed with."""
        return {_BOUND: list(self.center_ids)}

    def __contains__(self, center_id: object) -> bool:
        return center_id in self.center_ids

    def __iter__(self) -> Iterator[str]:
        return iter(self.center_ids)

    def __len__(self) -> int:
        return len(self.center_ids)

    def __or__(self, other: Scope) -> Scope:
        return Scope(self.center_ids | other.center_ids)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scope) and self.center_ids == other.center_ids

    def __hash__(self) -> int:
        return hash(self.center_ids)

    def __repr__(self) -> str:
        return f"Scope({sorted(self.center_ids)})"


NOTHING: Final = Scope()
_BOUND: Final = "scope"


def covered(column: InstrumentedAttribute[str] | ColumnElement[Any]) -> ColumnElement[bool]:
    """`Scope.covers` for a statement that is built once: the centers are given when it is executed, by `Scope.bound`.

    Without them it cannot be executed at all.
    """
    return column.in_(bindparam(_BOUND, expanding=True))
