import { describe, expect, it } from "vitest";
import { waterfall } from "./waterfall";

describe("waterfall", () => {
  const rest = { field: "f", level: "l", m: 1, u: 1, left: null, right: null };
  const field = (weight_mbits: number) => ({ weight_mbits, ...rest });
  const fall = waterfall({ prior_mbits: -20_000, fields: [field(30_000), field(-4_000)] });

  it("adds up from the prior to the result", () => {
    expect(fall.prior).toEqual({ from: 0, to: -20_000 });
    expect(fall.fields).toEqual([
      { from: -20_000, to: 10_000 },
      { from: 10_000, to: 6_000 },
    ]);
    expect(fall.posterior).toEqual({ from: 0, to: 6_000 });
  });

  it("keeps every total inside of the drawing", () => {
    for (const total of [-20_000, 0, 6_000, 10_000]) {
      expect(fall.at(total)).toBeGreaterThanOrEqual(0);
      expect(fall.at(total)).toBeLessThanOrEqual(100);
    }
    expect(waterfall({ prior_mbits: 0, fields: [] }).at(0)).toBeLessThan(100);
  });
});
