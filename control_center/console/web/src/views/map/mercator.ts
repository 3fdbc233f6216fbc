// Web Mercator (EPSG:3857) on a square of side 1: x from the 180th meridian west eastwards, y from the top southwards.

export type Position = { latitude: number; longitude: number };
export type Point = { x: number; y: number };

/** Where the square ends. */
export const MAX_LATITUDE = 85.051_128_779_806_59;
/** Equatorial circumference of WGS 84, metres. */
const CIRCUMFERENCE_M = 2 * Math.PI * 6_378_137;

const radians = (degrees: number) => (degrees * Math.PI) / 180;
const degrees = (angle: number) => (angle * 180) / Math.PI;

/** Positions beyond the square's edge are drawn on it. */
export function project({ latitude, longitude }: Position): Point {
  const north = radians(Math.max(-MAX_LATITUDE, Math.min(MAX_LATITUDE, latitude)));
  return { x: longitude / 360 + 0.5, y: 0.5 - Math.asinh(Math.tan(north)) / (2 * Math.PI) };
}

export function unproject({ x, y }: Point): Position {
  return { latitude: degrees(Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI))), longitude: (x - 0.5) * 360 };
}

/** Metres on the ground that the square's whole width stands for at this latitude. */
export const widthInMetres = (latitude: number): number => CIRCUMFERENCE_M * Math.cos(radians(latitude));
