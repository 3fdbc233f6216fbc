import type { CoverageFeature } from "../../api/coverage";
import { healthOf } from "../../api/health";
import type { Camera, HealthState } from "../../api/types";
import { neighbour } from "../live/wall";
import { type Point, project } from "./mercator";
import { scaleOf } from "./viewport";

export type Ground = { at: Point; azimuth: number | null; sector: Point[][] };
/** A camera on the map. */
export type Place = Ground & { camera: Camera; health: HealthState };

/** Where each camera is and what it covers, by its id. A feature without a position that can be drawn is left out. */
export function groundsOf(features: readonly CoverageFeature[]): Map<string, Ground> {
  const grounds = new Map<string, Ground>();
  for (const { geometry, properties } of features) {
    if (geometry?.type !== "Point") continue;
    const [longitude, latitude] = geometry.coordinates;
    if (!Number.isFinite(longitude) || !Number.isFinite(latitude)) continue;
    const at = project({ latitude, longitude });
    grounds.set(properties.id, { at, azimuth: properties.azimuth_deg ?? null, sector: [] });
  }
  for (const { geometry, properties } of features) {
    const ground = grounds.get(properties.id);
    if (geometry?.type !== "Polygon" || !ground) continue;
    ground.sector = geometry.coordinates.map((ring) =>
      ring.map(([longitude, latitude]) => project({ latitude, longitude })),
    );
  }
  return grounds;
}

/** Those with a position, and those without. */
export function placed(
  cameras: readonly Camera[],
  grounds: ReadonlyMap<string, Ground>,
): { places: Place[]; unplaced: Camera[] } {
  const places: Place[] = [];
  const unplaced: Camera[] = [];
  for (const camera of cameras) {
    const ground = grounds.get(camera.id);
    if (ground) places.push({ ...ground, camera, health: healthOf(camera) });
    else unplaced.push(camera);
  }
  return { places, unplaced };
}

/** Distances are compared in pixels of the nearest zoom, so that none of them is too short to count. */
const WALK_SCALE = scaleOf(24);

/** The camera that an arrow key leads to: the nearest on that side; the one nearest to `from` where none is chosen. */
export function walked(places: readonly Place[], chosenId: string | null, key: string, from: Point): Place | null {
  const at = places.findIndex(({ camera }) => camera.id === chosenId);
  if (at === -1) return nearest(places, from);
  const centres = places.map(({ at: { x, y } }) => ({ x: x * WALK_SCALE, y: y * WALK_SCALE }));
  return places[neighbour(centres, at, key)] ?? null;
}

export function nearest(places: readonly Place[], { x, y }: Point): Place | null {
  let best: Place | null = null;
  let least = Infinity;
  for (const place of places) {
    const distance = Math.hypot(place.at.x - x, place.at.y - y);
    if (distance < least) [best, least] = [place, distance];
  }
  return best;
}
