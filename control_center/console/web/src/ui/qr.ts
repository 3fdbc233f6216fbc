import { encode } from "uqr";

/** ISO/IEC 18004 asks for four light squares around the code. */
const QUIET_ZONE = 4;

export const squaresOf = (text: string): boolean[][] => encode(text, { ecc: "M", border: QUIET_ZONE }).data;

/** One subpath for each run of dark squares of a row. */
export function pathOf(squares: readonly (readonly boolean[])[]): string {
  return squares.flatMap((row, y) => runsOf(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`)).join("");
}

function runsOf(row: readonly boolean[]): [start: number, length: number][] {
  const runs: [number, number][] = [];
  for (let x = 0; x < row.length; x++) {
    if (!row[x]) continue;
    const start = x;
    while (row[x + 1]) x++;
    runs.push([start, x + 1 - start]);
  }
  return runs;
}
