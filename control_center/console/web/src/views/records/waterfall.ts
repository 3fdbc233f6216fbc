import type { Explanation } from "../../api/types";

/** A bar from one running total to the next, in milli-bits. */
export type Bar = { from: number; to: number };

export type Waterfall = {
  prior: Bar;
  fields: Bar[];
  posterior: Bar;
  /** Where a total stands across the drawing, in percent. */
  at: (mbits: number) => number;
};

const MARGIN = 0.03;

export function waterfall({ prior_mbits, fields }: Pick<Explanation, "prior_mbits" | "fields">): Waterfall {
  let total = prior_mbits;
  const steps = fields.map(({ weight_mbits }) => {
    const from = total;
    total += weight_mbits;
    return { from, to: total };
  });
  const ends = [0, prior_mbits, ...steps.map(({ to }) => to)];
  const least = Math.min(...ends);
  const span = Math.max(1, Math.max(...ends) - least);
  const at = (mbits: number) => 100 * (MARGIN + (1 - 2 * MARGIN) * ((mbits - least) / span));
  return { prior: { from: 0, to: prior_mbits }, fields: steps, posterior: { from: 0, to: total }, at };
}
