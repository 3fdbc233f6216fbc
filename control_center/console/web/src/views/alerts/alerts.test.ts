import { describe, expect, it } from "vitest";
import type { Account, AlertDetail, AlertState } from "../../api/types";
import { headline } from "./headline";
import { hasVerified, STEPS } from "./steps";
import { waterfall } from "./waterfall";

const entry = (account: string, to: AlertState) => ({ at_us: 0, account, from: null, to, note: null });
const me: Account = { id: "1", username: "li", display_name: "Li", role: "operator", must_change_password: false };

describe("hasVerified", () => {
  const told = (...history: AlertDetail["history"]) => hasVerified({ history } as AlertDetail, me);

  it("knows one's own verification from another's", () => {
    expect(told(entry("li", "verified"))).toBe(true);
    expect(told(entry("zhang", "verified"))).toBe(false);
  });

  it("counts none from before a dismissal", () => {
    expect(told(entry("li", "verified"), entry("zhang", "dismissed"), entry("li", "acknowledged"))).toBe(false);
  });
});

it("offers no step after the end", () => {
  expect(STEPS.closed).toEqual([]);
});

describe("headline", () => {
  it("says the subject once", () => {
    expect(headline("京A12345 · Stolen vehicles", "京A12345")).toEqual({ subject: "京A12345", rest: "Stolen vehicles" });
    expect(headline("王芳 · Wanted × Lost documents", null)).toEqual({ subject: "王芳", rest: "Wanted × Lost documents" });
  });

  it("keeps a title of another form whole", () => {
    expect(headline("Something", null)).toEqual({ subject: "Something", rest: "" });
    expect(headline("Owner · Wanted", "京A1")).toEqual({ subject: "京A1", rest: "Owner · Wanted" });
  });
});

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
