export const GRIDS = ["1", "4", "6", "9"] as const;
export type Grid = (typeof GRIDS)[number];

/** The grid to draw: the chosen one, or a smaller one that already shows every camera. */
export function fitting(chosen: Grid, cameras: number): Grid {
  return GRIDS.find((grid) => Number(grid) >= Math.min(cameras, Number(chosen))) ?? chosen;
}

export function pageCount(cameras: number, grid: Grid): number {
  return Math.max(1, Math.ceil(cameras / Number(grid)));
}

export function onPage<T>(cameras: readonly T[], grid: Grid, page: number): T[] {
  const size = Number(grid);
  return cameras.slice(page * size, (page + 1) * size);
}

/** Six pictures are one large and five around it; a single one is large too. */
export function sizeOf(grid: Grid, index: number): "tile" | "large" {
  return grid === "1" || (grid === "6" && index === 0) ? "large" : "tile";
}

export type Point = { x: number; y: number };

const DIRECTIONS: Record<string, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** The tile an arrow key leads to, by the tiles' centres: the nearest within 45° of the way, straight ahead first. */
export function neighbour(centres: readonly Point[], from: number, key: string): number {
  const way = DIRECTIONS[key];
  const here = centres[from];
  if (!way || !here) return from;
  let best = from;
  let least = Infinity;
  for (const [i, { x, y }] of centres.entries()) {
    const ahead = (x - here.x) * way.x + (y - here.y) * way.y;
    const aside = Math.abs((x - here.x) * way.y) + Math.abs((y - here.y) * way.x);
    const cost = ahead + 2 * aside;
    if (ahead > 1 && ahead >= aside && cost < least) [best, least] = [i, cost];
  }
  return best;
}
