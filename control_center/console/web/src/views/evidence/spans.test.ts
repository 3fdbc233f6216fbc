import { describe, expect, it } from "vitest";
import { around, faultOf, inMinutes, LONGEST_US, placeIn, recent, shareRecorded, windowAround } from "./spans";

const MINUTE = 60_000_000;
const NOW = 29_000_000 * MINUTE;
const span = (start: number, end: number) => ({ start_us: NOW + start * MINUTE, end_us: NOW + end * MINUTE });

describe("a span", () => {
  it("grows to whole minutes and is never cut", () => {
    expect(inMinutes({ start_us: NOW + 1, end_us: NOW + MINUTE + 1 })).toEqual(span(0, 2));
    expect(inMinutes(span(0, 1))).toEqual(span(0, 1));
    expect(around({ start_us: NOW - 6_000_000, end_us: NOW + 6_000_000 })).toEqual(span(-2, 2));
    expect(recent(NOW)).toEqual(span(-10, 0));
  });

  it("stands in a window with room on either side", () => {
    expect(windowAround(span(-10, 0))).toEqual(span(-20, 10));
    expect(windowAround(span(-1, 0))).toEqual(span(-11, 10));
  });

  it.each([
    ["empty", span(0, 0), null, "spanEmpty"],
    ["backwards", span(1, 0), null, "spanEmpty"],
    ["too long", { start_us: NOW - LONGEST_US - 1, end_us: NOW }, null, "spanLong"],
    ["too far ahead", span(0, 24 * 60 + 1), null, "spanAhead"],
    ["narrower than what is locked", span(-9, 0), span(-10, 0), "spanNarrow"],
    ["as it is locked", span(-10, 0), span(-10, 0), null],
    ["good", span(-10, 5), null, null],
  ])("that is %s", (_what, given, atLeast, fault) => {
    expect(faultOf(given, atLeast, NOW)).toBe(fault);
  });

  it("is drawn where it lies in its window", () => {
    expect(placeIn(span(0, 10), span(2, 4))).toEqual({ x: 200, width: 200 });
    expect(placeIn(span(0, 10), span(-5, 5))).toEqual({ x: 0, width: 500 });
    expect(placeIn(span(0, 10), span(10, 12))).toBeNull();
  });
});

describe("the share that is recorded", () => {
  const recorded = (covered: number) => ({ bytes: 1, covered_us: covered * MINUTE, spans: [], is_whole: true });

  it("counts what should be there by now", () => {
    expect(shareRecorded({ ...span(-20, -10), recorded: recorded(5) }, NOW)).toBe(0.5);
    expect(shareRecorded({ ...span(-10, 10), recorded: recorded(10) }, NOW)).toBe(1);
    expect(shareRecorded({ ...span(-10, 0), recorded: recorded(9.8) }, NOW)).toBe(1); // the rest is not yet synced
    expect(shareRecorded({ ...span(-10, 0), recorded: recorded(0) }, NOW)).toBe(0);
  });

  it("is not known of another machine, or before the span begins", () => {
    expect(shareRecorded({ ...span(-10, 0), recorded: null }, NOW)).toBeNull();
    expect(shareRecorded({ ...span(5, 10), recorded: recorded(0) }, NOW)).toBeNull();
  });
});
