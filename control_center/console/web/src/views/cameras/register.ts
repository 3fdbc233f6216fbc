import { healthOf } from "../../api/health";
import type { Center } from "../../api/identityTypes";
import { CAMERA_STATES, type Camera, type CameraState, type HealthState } from "../../api/types";
import { asTree } from "../../ui/centers";
import { asksForHelp, rankOf } from "../../ui/healthShapes";

export type Branch = { id: string; center: Center; children: Branch[]; total: number; faulty: number };

/** In use, and does not record. */
export const isFaulty = ({ state }: Pick<Camera, "state">) => state !== "recording" && state !== "disabled";

const NONE = { total: 0, faulty: 0 };

/** The tree of centers, each with the cameras of its own and of all below it. */
export function branchesOf(centers: readonly Center[], cameras: readonly Camera[]): Branch[] {
  const roots: Branch[] = [];
  const above: Branch[] = [];
  const figures = new Map<string, { total: number; faulty: number }>();
  for (const camera of cameras) {
    const { total, faulty } = figures.get(camera.center_id) ?? NONE;
    figures.set(camera.center_id, { total: total + 1, faulty: faulty + Number(isFaulty(camera)) });
  }
  for (const { center, depth } of asTree(centers)) {
    const own = figures.get(center.id) ?? NONE;
    const branch: Branch = { id: center.id, center, children: [], total: 0, faulty: 0 };
    (depth === 0 ? roots : (above[depth - 1]?.children ?? roots)).push(branch);
    above[depth] = branch;
    for (const each of above.slice(0, depth + 1)) {
      each.total += own.total;
      each.faulty += own.faulty;
    }
  }
  return roots;
}

/** The centers from this one down; null where it is not in sight. */
export function within(branches: readonly Branch[], id: string): Set<string> | null {
  for (const branch of branches) {
    if (branch.id === id) return new Set(idsOf(branch));
    const found = within(branch.children, id);
    if (found) return found;
  }
  return null;
}

const idsOf = (branch: Branch): string[] => [branch.id, ...branch.children.flatMap(idsOf)];

export type StateFilter = CameraState | "all" | "faulty";
export const COLUMNS = ["code", "name", "center", "state", "health", "since"] as const;
export type Column = (typeof COLUMNS)[number];
export type Order = { column: Column; isDescending: boolean };

/** `asking`: whatever somebody should do something about. */
export type HealthFilter = HealthState | "all" | "asking";

export type Filter = {
  words: string;
  state: StateFilter;
  health: HealthFilter;
  centers: ReadonlySet<string> | null;
  /** Only these, such as those of a fault. */
  ids: ReadonlySet<string> | null;
};

export const isInHealth = (camera: Camera, health: HealthFilter): boolean =>
  health === "all" || (health === "asking" ? asksForHelp(healthOf(camera)) : healthOf(camera) === health);

/** Cameras in these centers and this state, whose code, name or center holds every word. */
export function chosen(cameras: readonly Camera[], { words, state, health, centers, ids }: Filter): Camera[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return cameras.filter((camera) => {
    if (centers && !centers.has(camera.center_id)) return false;
    if (state === "faulty" ? !isFaulty(camera) : state !== "all" && camera.state !== state) return false;
    if (!isInHealth(camera, health) || (ids && !ids.has(camera.id))) return false;
    if (wanted.length === 0) return true;
    const text = `${camera.code} ${camera.name} ${camera.center_name}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** The worst first: what a technician has to mend. */
const WORST_FIRST: readonly CameraState[] = [
  "unreachable",
  "auth_failed",
  "refused",
  "silent",
  "connecting",
  "recording",
  "disabled",
];
const RANK = new Map(WORST_FIRST.map((state, rank) => [state, rank]));

/** Sorted anew; equals by code. */
export function sorted(cameras: readonly Camera[], { column, isDescending }: Order, locale: string): Camera[] {
  const words = new Intl.Collator(locale, { numeric: true });
  const byCode = (a: Camera, b: Camera) => words.compare(a.code, b.code);
  const compare: Record<Column, (a: Camera, b: Camera) => number> = {
    code: byCode,
    name: (a, b) => words.compare(a.name, b.name),
    center: (a, b) => words.compare(a.center_name, b.center_name),
    state: (a, b) => (RANK.get(a.state) ?? CAMERA_STATES.length) - (RANK.get(b.state) ?? CAMERA_STATES.length),
    health: (a, b) => rankOf(healthOf(a)) - rankOf(healthOf(b)),
    since: (a, b) => (a.state_since_us ?? 0) - (b.state_since_us ?? 0),
  };
  const sign = isDescending ? -1 : 1;
  return cameras.toSorted((a, b) => sign * compare[column](a, b) || byCode(a, b));
}

/** A press on a heading: the other way round where it sorts already. */
export const turned = (order: Order, column: Column): Order => ({
  column,
  isDescending: order.column === column && !order.isDescending,
});

export type Rows = { first: number; end: number };

/** The rows that are drawn for what is in sight, with some more before and after. */
export function inSight(scrollTop: number, height: number, rowHeight: number, total: number): Rows {
  const SPARE = 8;
  const first = Math.max(0, Math.min(total, Math.floor(scrollTop / rowHeight)) - SPARE);
  return { first, end: Math.min(total, Math.ceil((scrollTop + height) / rowHeight) + SPARE) };
}
