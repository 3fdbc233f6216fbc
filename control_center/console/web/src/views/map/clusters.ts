import type { HealthState } from "../../api/types";
import { asksForHelp, rankOf } from "../../ui/healthShapes";
import type { Point } from "./mercator";
import { scaleOf } from "./viewport";

/** A camera that is drawn by itself. `aside`: pixels from its place, where several hang at one. */
export type Single<T> = { kind: "camera"; at: Point; aside: Point; item: T };
/** Cameras too near to each other to be told apart. `asking`: how many of them ask for help. */
export type Cluster<T> = { kind: "cluster"; at: Point; items: T[]; worst: HealthState; asking: number };
export type Marker<T> = Single<T> | Cluster<T>;
export type Placed = { at: Point; health: HealthState };

const CELL_PX = 64;
/** From here on each camera is drawn by itself: a pixel is a metre or less. */
export const SINGLE_ZOOM = 17;

/** What is drawn for these at a whole zoom: it stays the same while the map is dragged. */
export function markersOf<T extends Placed>(items: readonly T[], zoom: number): Marker<T>[] {
  const isSingle = zoom >= SINGLE_ZOOM;
  const cells = scaleOf(zoom) / CELL_PX;
  const cellOf = ({ x, y }: Point) => (isSingle ? `${x} ${y}` : `${Math.floor(x * cells)} ${Math.floor(y * cells)}`);
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const cell = cellOf(item.at);
    const group = groups.get(cell);
    if (group) group.push(item);
    else groups.set(cell, [item]);
  }
  return [...groups.values()].flatMap((group): Marker<T>[] => {
    if (isSingle) return aroundTheirPlace(group);
    return group.length === 1 ? aroundTheirPlace(group) : [clusterOf(group)];
  });
}

function clusterOf<T extends Placed>(items: T[]): Cluster<T> {
  const sum = items.reduce((total, { at }) => ({ x: total.x + at.x, y: total.y + at.y }), { x: 0, y: 0 });
  const at = { x: sum.x / items.length, y: sum.y / items.length };
  const states = items.map(({ health }) => health);
  const worst = states.reduce((a, b) => (rankOf(a) <= rankOf(b) ? a : b));
  return { kind: "cluster", at, items, worst, asking: states.filter(asksForHelp).length };
}

/** Cameras of one mast stand in a ring around it, so that each can be seen and chosen. */
function aroundTheirPlace<T extends Placed>(items: T[]): Single<T>[] {
  if (items.length === 1) return items.map((item) => ({ kind: "camera", at: item.at, aside: { x: 0, y: 0 }, item }));
  const radius = Math.max(12, (items.length * 18) / (2 * Math.PI));
  return items.map((item, i) => {
    const angle = (2 * Math.PI * i) / items.length - Math.PI / 2;
    const aside = { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
    return { kind: "camera", at: item.at, aside, item };
  });
}
