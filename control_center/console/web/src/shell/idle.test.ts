import { describe, expect, it } from "vitest";
import { IdleWatch, isRealMove, TELL_EVERY_MS } from "./idle";

const LOCK_MS = 30 * 60_000;

describe("IdleWatch", () => {
  it("is over after the time without input, and not before", () => {
    const watch = new IdleWatch(0, LOCK_MS);
    expect(watch.isOver(LOCK_MS - 1)).toBe(false);
    expect(watch.isOver(LOCK_MS)).toBe(true);
    watch.input(LOCK_MS - 1);
    expect(watch.isOver(LOCK_MS)).toBe(false);
    expect(watch.isOver(2 * LOCK_MS)).toBe(true);
  });

  it("reports nothing without input", () => {
    expect(new IdleWatch(0, LOCK_MS).isReportDue(10 * TELL_EVERY_MS)).toBe(false);
  });

  it("reports input at once, then at most once a minute", () => {
    const watch = new IdleWatch(0, LOCK_MS);
    const reports = [];
    for (let now = 0; now < 5 * TELL_EVERY_MS; now += 500) {
      watch.input(now);
      if (!watch.isReportDue(now)) continue;
      watch.reported(now);
      reports.push(now);
    }
    expect(reports).toEqual([0, 1, 2, 3, 4].map((n) => n * TELL_EVERY_MS));
  });

  it("reports the last input of a minute when the minute is over", () => {
    const watch = new IdleWatch(0, LOCK_MS);
    watch.input(0);
    watch.reported(0);
    watch.input(50_000);
    expect(watch.isReportDue(59_000)).toBe(false);
    expect(watch.isReportDue(60_000)).toBe(true);
    watch.reported(60_000);
    expect(watch.isReportDue(10 * TELL_EVERY_MS)).toBe(false);
  });

  it("counts input at another page, and leaves its report to that page", () => {
    const watch = new IdleWatch(0, LOCK_MS);
    watch.inputElsewhere(LOCK_MS - 1);
    expect(watch.isOver(LOCK_MS)).toBe(false);
    expect(watch.isReportDue(LOCK_MS)).toBe(false);
    watch.inputElsewhere(5);
    expect(watch.isOver(LOCK_MS)).toBe(false);
  });
});

it("takes a pointer that stays where it is on the screen for no person", () => {
  const here = { screenX: 10, screenY: 20 };
  expect(isRealMove(null, here)).toBe(false);
  expect(isRealMove(here, { ...here })).toBe(false);
  expect(isRealMove(here, { screenX: 11, screenY: 20 })).toBe(true);
});
