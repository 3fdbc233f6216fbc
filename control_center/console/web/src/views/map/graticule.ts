import { project, unproject } from "./mercator";
import { inSight, metresPerPixel, toScreen, type Viewport } from "./viewport";

export type Line = { px: number; label: string };
export type Graticule = { meridians: Line[]; parallels: Line[] };

const STEPS_DEG = [60, 30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001];
const APART_PX = 150;

/** Meridians and parallels at even degrees, by the pixels from the left and the top. */
export function graticuleOf(view: Viewport): Graticule {
  const { left, right, top, bottom } = inSight(view);
  const north = unproject({ x: 0, y: Math.max(0, top) }).latitude;
  const south = unproject({ x: 0, y: Math.min(1, bottom) }).latitude;
  const west = Math.max(-180, (left - 0.5) * 360);
  const east = Math.min(180, (right - 0.5) * 360);
  const step = stepFor(((right - left) * 360 * APART_PX) / view.width);
  const digits = Math.max(0, Math.ceil(-Math.log10(step)));
  return {
    meridians: evenly(west, east, step).map((longitude) => ({
      px: toScreen(view, project({ latitude: 0, longitude })).x,
      label: named(longitude, digits, "E", "W"),
    })),
    parallels: evenly(south, north, step).map((latitude) => ({
      px: toScreen(view, project({ latitude, longitude: 0 })).y,
      label: named(latitude, digits, "N", "S"),
    })),
  };
}

/** The smallest step that leaves lines so far apart. */
const stepFor = (least: number): number => STEPS_DEG.findLast((step) => step >= least) ?? STEPS_DEG[0] ?? least;

function evenly(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, i) => (first + i) * step);
}

function named(degrees: number, digits: number, positive: string, negative: string): string {
  const text = Math.abs(degrees).toFixed(digits);
  if (Number(text) === 0) return `${text}°`;
  return `${text}° ${degrees > 0 ? positive : negative}`;
}

export type ScaleBar = { px: number; label: string };

/** The longest of 1, 2, 5, 10, … metres that has room. */
export function scaleBar(view: Viewport, room = 140): ScaleBar {
  const perPixel = metresPerPixel(view);
  const most = room * perPixel;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = [5, 2, 1].map((times) => times * power).find((length) => length <= most) ?? power;
  return { px: metres / perPixel, label: metres >= 1000 ? `${metres / 1000} km` : `${metres} m` };
}
