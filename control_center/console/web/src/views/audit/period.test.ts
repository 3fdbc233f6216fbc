import { expect, it } from "vitest";
import { midnightBefore, rangeOf } from "./period";

const HOUR_US = 3_600_000_000;
const NOW_US = new Date(2026, 10, 25, 16, 30).getTime() * 1000;
const OWN = { from_us: 1, to_us: 2 };

it("a named period ends now, and one of one's own where one says", () => {
  expect(rangeOf("any", OWN, NOW_US)).toEqual({ from_us: null, to_us: null });
  expect(rangeOf("own", OWN, NOW_US)).toEqual(OWN);
  expect(rangeOf("week", OWN, NOW_US)).toEqual({ from_us: NOW_US - 7 * 24 * HOUR_US, to_us: null });
  expect(rangeOf("today", OWN, NOW_US)).toEqual({ from_us: NOW_US - 16.5 * HOUR_US, to_us: null });
});

it("a day starts at midnight here", () => {
  expect(midnightBefore(midnightBefore(NOW_US))).toBe(midnightBefore(NOW_US));
});
