import type { Marker } from "./clusters";
import type { Point } from "./mercator";
import { clusterRadius, markerSpot } from "./paint";
import type { Place } from "./places";
import type { Viewport } from "./viewport";

const REACH_PX = 12;

/** What lies under the pointer: the nearest marker within reach. */
export function markerAt(markers: readonly Marker<Place>[], view: Viewport, { x, y }: Point): Marker<Place> | null {
  let best: Marker<Place> | null = null;
  let least = Infinity;
  for (const marker of markers) {
    const spot = markerSpot(view, marker);
    const reach = marker.kind === "cluster" ? Math.max(REACH_PX, clusterRadius(marker.items.length)) : REACH_PX;
    const distance = Math.hypot(spot.x - x, spot.y - y);
    if (distance <= reach && distance < least) [best, least] = [marker, distance];
  }
  return best;
}
