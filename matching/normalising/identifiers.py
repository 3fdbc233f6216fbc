"""A number of a person or a vehicle, and what its own form says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["resident", "residence_permit", "permanent_residence", "vin"]


@dataclass(frozen=True, slots=True)
class Identifier:
    """`valid`: it passes its own check. `kind` is None for a number of no known form."""

    text: str
    valid: bool
    kind: Kind | None = None
