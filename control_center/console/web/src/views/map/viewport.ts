import { type Point, unproject, widthInMetres } from "./mercator";

/** What is in sight: the middle on the square of mercator.ts, and 2^zoom × 256 pixels for the square's width. */
export type Viewport = { middle: Point; zoom: number; width: number; height: number };
export type Box = { left: number; top: number; right: number; bottom: number };

const TILE_PX = 256;
export const MIN_ZOOM = 1;
export const MAX_ZOOM = 21;
/** Nearer than this nothing is gained by coming closer to a single camera. */
const CLOSE_ZOOM = 17;

export const scaleOf = (zoom: number): number => TILE_PX * 2 ** zoom;

export function toScreen({ middle, zoom, width, height }: Viewport, { x, y }: Point): Point {
  const scale = scaleOf(zoom);
  return { x: (x - middle.x) * scale + width / 2, y: (y - middle.y) * scale + height / 2 };
}

export function fromScreen({ middle, zoom, width, height }: Viewport, { x, y }: Point): Point {
  const scale = scaleOf(zoom);
  return { x: middle.x + (x - width / 2) / scale, y: middle.y + (y - height / 2) / scale };
}

/** The part of the square in sight, and `spare` pixels around it. */
export function inSight(view: Viewport, spare = 0): Box {
  const { x: left, y: top } = fromScreen(view, { x: -spare, y: -spare });
  const { x: right, y: bottom } = fromScreen(view, { x: view.width + spare, y: view.height + spare });
  return { left, top, right, bottom };
}

export const holds = ({ left, top, right, bottom }: Box, { x, y }: Point): boolean =>
  x >= left && x <= right && y >= top && y <= bottom;

const clamp = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));

const kept = (view: Viewport): Viewport => ({
  ...view,
  zoom: clamp(view.zoom, MIN_ZOOM, MAX_ZOOM),
  middle: { x: clamp(view.middle.x, 0, 1), y: clamp(view.middle.y, 0, 1) },
});

export function panned(view: Viewport, dx: number, dy: number): Viewport {
  const scale = scaleOf(view.zoom);
  return kept({ ...view, middle: { x: view.middle.x - dx / scale, y: view.middle.y - dy / scale } });
}

/** Nearer or farther, and what lies under `at` stays there. */
export function zoomed(view: Viewport, by: number, at: Point = { x: view.width / 2, y: view.height / 2 }): Viewport {
  const zoom = clamp(view.zoom + by, MIN_ZOOM, MAX_ZOOM);
  const fixed = fromScreen(view, at);
  const scale = scaleOf(zoom);
  const middle = { x: fixed.x - (at.x - view.width / 2) / scale, y: fixed.y - (at.y - view.height / 2) / scale };
  return kept({ ...view, zoom, middle });
}

export const centred = (view: Viewport, middle: Point, zoom = view.zoom): Viewport => kept({ ...view, middle, zoom });

/** All of these in sight with a margin; the view as it is where there are none. */
export function fitting(view: Viewport, points: Iterable<Point>, closest = CLOSE_ZOOM): Viewport {
  const box = boxOf(points);
  if (box === null) return view;
  const MARGIN_PX = 48;
  const room = (px: number) => Math.max(1, px - 2 * MARGIN_PX);
  const scale = Math.min(room(view.width) / (box.right - box.left), room(view.height) / (box.bottom - box.top));
  const middle = { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
  return centred(view, middle, Math.min(closest, Math.log2(scale / TILE_PX)));
}

function boxOf(points: Iterable<Point>): Box | null {
  let box: Box | null = null;
  for (const { x, y } of points) {
    box ??= { left: x, top: y, right: x, bottom: y };
    box = {
      left: Math.min(box.left, x),
      top: Math.min(box.top, y),
      right: Math.max(box.right, x),
      bottom: Math.max(box.bottom, y),
    };
  }
  return box;
}

/** Metres on the ground of one pixel in the middle. */
export const metresPerPixel = ({ middle, zoom }: Viewport): number =>
  widthInMetres(unproject(middle).latitude) / scaleOf(zoom);
