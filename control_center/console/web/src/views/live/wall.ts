export const GRIDS = ["1", "4", "6", "9"] as const;
export type Grid = (typeof GRIDS)[number];

export const COLUMNS: Record<Grid, number> = { "1": 1, "4": 2, "6": 3, "9": 3 };

export function pageCount(cameras: number, grid: Grid): number {
  return Math.max(1, Math.ceil(cameras / Number(grid)));
}

export function onPage<T>(cameras: readonly T[], grid: Grid, page: number): T[] {
  const size = Number(grid);
  return cameras.slice(page * size, (page + 1) * size);
}

/** The tile an arrow key leads to; the same one at the wall's edge. */
export function neighbour(index: number, key: string, count: number, columns: number): number {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key] ?? 0;
  const next = index + step;
  return next >= 0 && next < count ? next : index;
}
