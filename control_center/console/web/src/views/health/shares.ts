import type { CameraAvailability } from "../../api/health";

export type Shares = Pick<CameraAvailability, "available" | "recorded">;
export type CenterShares = Shares & { id: string; name: string; cameras: number };

/** Each center's mean over its cameras, the lowest first; what is not known of a camera does not count. */
export function byCenter(rows: readonly CameraAvailability[]): CenterShares[] {
  const centers = new Map<string, CameraAvailability[]>();
  for (const row of rows) {
    const group = centers.get(row.center_id);
    if (group) group.push(row);
    else centers.set(row.center_id, [row]);
  }
  const summed = [...centers.values()].map((group) => ({
    id: group[0]?.center_id ?? "",
    name: group[0]?.center_name ?? "",
    cameras: group.length,
    available: mean(group.map(({ available }) => available)),
    recorded: mean(group.map(({ recorded }) => recorded)),
  }));
  return lowestFirst(summed);
}

export const lowestFirst = <T extends Shares>(rows: readonly T[]): T[] =>
  rows.toSorted((a, b) => (a.available ?? 2) - (b.available ?? 2) || (a.recorded ?? 2) - (b.recorded ?? 2));

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** In per cent, never rounded up to the whole. */
export function percent(share: number): string {
  const shown = Math.floor(share * 1000) / 10;
  return `${shown === 100 || shown === 0 ? shown : shown.toFixed(1)} %`;
}
