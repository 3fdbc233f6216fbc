"""Settings of a device in one form: some parts that are read, checked against what the device offers, and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

Value = str | int | float | bool | tuple[str, ...] | None
Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Problem:
    """A value that the device does not take, and the nearest that it does."""

    name: str
    wanted: Value
    nearest: Value | None = None

    def __str__(self) -> str:
        hint = f"; nearest: {shown(self.nearest)}" if self.nearest is not None else ""
        return f"{self.name}: {shown(self.wanted)} is not possible here{hint}."


class Part(Protocol):
    """A part of a device's settings, such as its clock or one encoder. All raise `DeviceError`'s leaves."""

    @property
    def name(self) -> str: ...

    def read(self) -> dict[str, Value]: ...

    def problems(self, wanted: Values) -> list[Problem]:
        """What of it the device does not offer."""

    def write(self, values: Values) -> None:
        """Set these and leave the others as they are."""


def shown(value: Value) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
