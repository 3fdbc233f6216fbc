"""The shapes of vehicles: a side profile drawn out to a width, in metres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BodyKind = Literal["saloon", "suv", "van", "lorry"]


@dataclass(frozen=True, slots=True)
class Edge:
    """A line across the vehicle: `back` metres behind the front bumper, at a height, of a half width."""

    back: float
    up: float
    half: float


@dataclass(frozen=True, slots=True)
class Shape:
    """Edges from the front bumper's bottom over the roof to the rear bumper's bottom; panels lie between them."""

    front_bottom: Edge
    hood_front: Edge
    cowl: Edge
    roof_front: Edge
    roof_rear: Edge
    deck_front: Edge
    deck_rear: Edge
    rear_bottom: Edge
    front_plate_up: float
    rear_plate_up: float

    @property
    def edges(self) -> tuple[Edge, ...]:
        front = (self.front_bottom, self.hood_front, self.cowl, self.roof_front)
        return (*front, self.roof_rear, self.deck_front, self.deck_rear, self.rear_bottom)

    @property
    def length(self) -> float:
        return self.rear_bottom.back

    @property
    def half_width(self) -> float:
        return self.front_bottom.half


SHAPES: dict[BodyKind, Shape] = {
    "saloon": Shape(
        Edge(0.0, 0.20, 0.90),
        Edge(0.12, 0.80, 0.86),
        Edge(1.25, 1.00, 0.83),
        Edge(2.05, 1.42, 0.60),
        Edge(3.20, 1.43, 0.60),
        Edge(4.00, 1.06, 0.82),
        Edge(4.62, 1.02, 0.84),
        Edge(4.70, 0.26, 0.90),
        0.42,
        0.78,
    ),
    "suv": Shape(
        Edge(0.0, 0.26, 0.93),
        Edge(0.12, 0.98, 0.90),
        Edge(1.10, 1.14, 0.87),
        Edge(1.75, 1.68, 0.66),
        Edge(3.90, 1.68, 0.66),
        Edge(4.35, 1.12, 0.86),
        Edge(4.48, 1.06, 0.88),
        Edge(4.55, 0.34, 0.93),
        0.50,
        0.86,
    ),
    "van": Shape(
        Edge(0.0, 0.26, 0.94),
        Edge(0.10, 0.95, 0.93),
        Edge(0.55, 1.18, 0.91),
        Edge(1.35, 1.92, 0.78),
        Edge(4.75, 1.95, 0.80),
        Edge(4.85, 1.20, 0.92),
        Edge(4.88, 1.05, 0.93),
        Edge(4.95, 0.34, 0.94),
        0.50,
        0.92,
    ),
    "lorry": Shape(
        Edge(0.0, 0.35, 1.10),
        Edge(0.06, 1.25, 1.10),
        Edge(0.16, 1.45, 1.09),
        Edge(0.42, 2.30, 1.02),
        Edge(6.20, 2.75, 1.08),
        Edge(6.24, 1.60, 1.10),
        Edge(6.26, 1.20, 1.10),
        Edge(6.30, 0.50, 1.10),
        0.58,
        0.80,
    ),
}
