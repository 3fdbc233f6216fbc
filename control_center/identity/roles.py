"""Roles, and the rights that each carries. A route names the right it asks for, never a role."""

from __future__ import annotations

from enum import StrEnum


class Right(StrEnum):
    READ = "read"  # alerts, cameras, the board
    WATCH = "watch"  # live pictures and footage
    DECIDE = "decide"  # take an alert's next step


class Role(StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.READ}),
    Role.OPERATOR: frozenset({Right.READ, Right.WATCH, Right.DECIDE}),
}
