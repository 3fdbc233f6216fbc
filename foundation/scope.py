"""Which centers' rows somebody may see. It stands in the WHERE of every query, never in a view's filter."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import BindParameter, Boolean, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import coercions, roles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeDecorator


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

    Without them it cannot be executed at all. They are one parameter, be they three or three hundred.
    """
    return _OneOf(column, bindparam(_BOUND, type_=_Ids()))


class _Ids(TypeDecorator[list[str]]):
    """An array in PostgreSQL, JSON's text in SQLite, which has none."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else json.dumps(value)


class _OneOf(ColumnElement[bool]):
    inherit_cache = True
    type = Boolean()
    _traverse_internals = [  # noqa: RUF012 - SQLAlchemy's own name, an instance's for its type checker
        ("column", InternalTraversal.dp_clauseelement),
        ("ids", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: Any, ids: BindParameter[Any]) -> None:
        self.column = coercions.expect(roles.ExpressionElementRole, column)
        self.ids = ids

    def self_group(self, against: OperatorType | None = None) -> _OneOf:
        """As it is: SQLAlchemy would compare it with 1, and SQLite then uses no index."""
        return self


@compiles(_OneOf)
def _in_json(element: _OneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = compiler.process(element.column, **options), compiler.process(element.ids, **options)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608 - of the compiler's own parts


@compiles(_OneOf, "postgresql")
def _in_array(element: _OneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = compiler.process(element.column, **options), compiler.process(element.ids, **options)
    return f"{column} = ANY (CAST({ids} AS VARCHAR[]))"
