import type { PtzSpeed } from "../../../api/ptz";

export const DIRECTIONS = ["up", "left", "right", "down", "in", "out"] as const;
export type Direction = (typeof DIRECTIONS)[number];

export const SPEEDS = ["slow", "medium", "fast"] as const;
export type Pace = (typeof SPEEDS)[number];
const SHARE: Record<Pace, number> = { slow: 0.15, medium: 0.5, fast: 1 };

const WAY: Record<Direction, PtzSpeed> = {
  up: { pan: 0, tilt: 1, zoom: 0 },
  down: { pan: 0, tilt: -1, zoom: 0 },
  left: { pan: -1, tilt: 0, zoom: 0 },
  right: { pan: 1, tilt: 0, zoom: 0 },
  in: { pan: 0, tilt: 0, zoom: 1 },
  out: { pan: 0, tilt: 0, zoom: -1 },
};

const KEYS: Readonly<Record<string, Direction>> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  "+": "in",
  "=": "in", // the plus of most keyboards, without Shift
  "-": "out",
  _: "out",
};

export const directionOf = (key: string): Direction | null => KEYS[key] ?? null;

/** The preset that a digit stands for, from 0; null for any other key. */
export const presetOf = (key: string): number | null => (/^[1-9]$/.test(key) ? Number(key) - 1 : null);

/** What all that is held comes to; null: nothing, or ways that undo each other. */
export function speedOf(held: Iterable<Direction>, pace: Pace): PtzSpeed | null {
  const sum = { pan: 0, tilt: 0, zoom: 0 };
  for (const direction of new Set(held)) {
    sum.pan += WAY[direction].pan * SHARE[pace];
    sum.tilt += WAY[direction].tilt * SHARE[pace];
    sum.zoom += WAY[direction].zoom * SHARE[pace];
  }
  return sum.pan === 0 && sum.tilt === 0 && sum.zoom === 0 ? null : sum;
}

export const isSame = (a: PtzSpeed | null, b: PtzSpeed | null): boolean =>
  a === b || (a !== null && b !== null && a.pan === b.pan && a.tilt === b.tilt && a.zoom === b.zoom);
