"""Settings brought to a device: all that is wanted is there afterwards, or all is as it was before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from device_registry.onvif.setting import Part, Value, Values, shown
from foundation.errors import DeviceError

Result = Literal["changed", "would_change", "as_it_was", "refused", "rolled_back", "half_done", "failed", "skipped"]
DONE: frozenset[Result] = frozenset({"changed", "would_change", "as_it_was"})


class Change(NamedTuple):
    before: Value
    after: Value


Changes = Mapping[str, Mapping[str, Change]]  # by part, then by setting


@dataclass(frozen=True, slots=True)
class Configured:
    """What came of one device. `half_done`: it refused, and what it had before did not come back either."""

    result: Result
    changes: Changes
    what: tuple[str, ...] = ()  # why it was refused, or what differed


def configure(wanted: Sequence[tuple[Part, Values]], *, dry_run: bool = False) -> Configured:
    """Bring each part to its values, unless it has them already or the device does not offer one of them.

    Nothing is written before everything is known to be possible. What was written is read back; where it differs, or
    the device refuses a later part, the earlier ones get back what they had.
    Raises `DeviceError`'s leaves only while nothing is written yet.
    """
    planned = [(part, _planned(part.read(), values)) for part, values in wanted]
    planned = [(part, changes) for part, changes in planned if changes]
    told = {part.name: changes for part, changes in planned}
    if not planned:
        return Configured("as_it_was", told)
    problems = tuple(str(problem) for part, changes in planned for problem in part.problems(_after(changes)))
    if problems:
        return Configured("refused", told, problems)
    if dry_run:
        return Configured("would_change", told)
    return _written(planned, told)


def _planned(before: Values, wanted: Values) -> dict[str, Change]:
    return {name: Change(before.get(name), value) for name, value in wanted.items() if before.get(name) != value}


def _after(changes: Mapping[str, Change]) -> dict[str, Value]:
    return {name: change.after for name, change in changes.items()}


def _written(planned: Sequence[tuple[Part, Mapping[str, Change]]], told: Changes) -> Configured:
    for count, (part, changes) in enumerate(planned, 1):
        wrong = _write(part, _after(changes))
        if wrong:
            left = _back(planned[:count])
            return Configured("half_done" if left else "rolled_back", told, (*wrong, *left))
    return Configured("changed", told)


def _write(part: Part, values: Values) -> tuple[str, ...]:
    """What is wrong afterwards, in words; nothing when the device has what it was given."""
    try:
        part.write(values)
        has = part.read()
    except DeviceError as error:
        return (f"{part.name}: {error.what}",)
    return tuple(
        f"{part.name}: {name} is {shown(has.get(name))} and not {shown(value)}."
        for name, value in values.items()
        if has.get(name) != value
    )


def _back(written: Sequence[tuple[Part, Mapping[str, Change]]]) -> tuple[str, ...]:
    """Give back what was there, the last first; what did not come back, in words."""
    left: list[str] = []
    for part, changes in reversed(written):
        try:
            has = part.read()
            before = {name: change.before for name, change in changes.items() if has.get(name) != change.before}
            if before:
                left += _write(part, before)
        except DeviceError as error:
            left.append(f"{part.name}: {error.what}")
    return tuple(f"Not as it was before: {one}" for one in left)
