import { describe, expect, it } from "vitest";
import { HEALTH_STATES } from "../../api/types";
import { healthOf } from "../../api/health";
import { HEALTH_SHAPES, rankOf, WORST_FIRST } from "../../ui/healthShapes";
import { isMaintenanceEnd, proposedEnd } from "./maintenance";
import { byCenter, lowestFirst, percent } from "./shares";

const row = (id: string, center_id: string, available: number | null, recorded: number | null = null) => ({
  id,
  code: id,
  name: id,
  center_id,
  center_name: center_id,
  available,
  recorded,
});

describe("states of health", () => {
  it("each have a rank, and a look of their own without colours", () => {
    expect(WORST_FIRST.toSorted()).toEqual(HEALTH_STATES.toSorted());
    expect(new Set(HEALTH_STATES.map(rankOf)).size).toBe(HEALTH_STATES.length);
    const looks = HEALTH_STATES.map((state) => `${HEALTH_SHAPES[state].path} ${HEALTH_SHAPES[state].isFilled}`);
    expect(new Set(looks).size).toBe(HEALTH_STATES.length);
  });

  it("that this console does not know are unknown", () => {
    const newer = JSON.parse('{"state": "haunted", "since_us": 1, "cause": null, "mend": null, "until_us": null}');
    expect(healthOf({ health: newer })).toBe("unknown");
  });
});

describe("maintenance", () => {
  const now = Date.UTC(2026, 10, 26, 10, 12) * 1000;

  it("is proposed to a full hour, four hours on or a little more", () => {
    expect(proposedEnd(now)).toBe(Date.UTC(2026, 10, 26, 15) * 1000);
  });

  it.each([
    [now, false],
    [now + 1, true],
    [now + 30 * 86_400_000_000, true],
    [now + 30 * 86_400_000_000 + 1, false],
  ])("may end at %i: %s", (untilUs, isGood) => {
    expect(isMaintenanceEnd(untilUs, now)).toBe(isGood);
  });
});

describe("availability", () => {
  it("of a center is the mean of what is known", () => {
    const centers = byCenter([row("a", "east", 1, 0.5), row("b", "east", 0.5), row("c", "west", null)]);
    expect(centers).toEqual([
      { id: "east", name: "east", cameras: 2, available: 0.75, recorded: 0.5 },
      { id: "west", name: "west", cameras: 1, available: null, recorded: null },
    ]);
  });

  it("shows the lowest first and what is not known last", () => {
    const rows = [row("a", "x", null), row("b", "x", 1), row("c", "x", 0.2)];
    expect(lowestFirst(rows).map(({ id }) => id)).toEqual(["c", "b", "a"]);
  });

  it.each([
    [1, "100 %"],
    [0.999_99, "99.9 %"],
    [0.5, "50.0 %"],
    [0, "0 %"],
  ])("%f is %s", (share, text) => {
    expect(percent(share)).toBe(text);
  });
});
