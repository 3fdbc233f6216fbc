import { expect, it } from "vitest";
import { directionOf, presetOf, speedOf } from "./motion";

it("knows the keys, with and without Shift", () => {
  expect(["ArrowUp", "+", "=", "-", "_", "a"].map(directionOf)).toEqual(["up", "in", "in", "out", "out", null]);
  expect(["1", "9", "0", "F1"].map(presetOf)).toEqual([0, 8, null, null]);
});

it("adds up what is held", () => {
  expect(speedOf(["up", "right"], "fast")).toEqual({ pan: 1, tilt: 1, zoom: 0 });
  expect(speedOf(["up", "up", "in"], "medium")).toEqual({ pan: 0, tilt: 0.5, zoom: 0.5 });
  expect(speedOf(["left", "right"], "slow")).toBeNull();
  expect(speedOf([], "slow")).toBeNull();
});
