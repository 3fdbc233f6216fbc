import { expect, it } from "vitest";
import { endOfShift, isLoanEnd } from "./loanEnd";

const HOUR_US = 3_600_000_000;

it("a loan ends ahead, and within 30 days", () => {
  expect(isLoanEnd(0, 0)).toBe(false);
  expect(isLoanEnd(1, 0)).toBe(true);
  expect(isLoanEnd(30 * 24 * HOUR_US, 0)).toBe(true);
  expect(isLoanEnd(30 * 24 * HOUR_US + 1, 0)).toBe(false);
});

it("a shift is eight hours, to the full hour", () => {
  expect(endOfShift(0)).toBe(8 * HOUR_US);
  expect(endOfShift(1)).toBe(9 * HOUR_US);
});
