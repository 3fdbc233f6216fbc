import { expect, it } from "vitest";
import { fitted } from "./picture";
import { isSigned } from "./signature";

it("makes a picture smaller, never larger", () => {
  expect(fitted(4000, 3000, 2000)).toEqual({ width: 2000, height: 1500 });
  expect(fitted(300, 400, 2000)).toEqual({ width: 300, height: 400 });
  expect(fitted(1, 9000, 2000)).toEqual({ width: 1, height: 2000 });
});

it("takes a slip of the hand for no signature", () => {
  expect(isSigned([])).toBe(false);
  expect(isSigned([[{ x: 0.5, y: 0.5 }], [{ x: 0.1, y: 0.1 }, { x: 0.12, y: 0.1 }]])).toBe(false);
  expect(isSigned([[{ x: 0.1, y: 0.1 }, { x: 0.16, y: 0.1 }], [{ x: 0.2, y: 0.1 }, { x: 0.2, y: 0.15 }]])).toBe(true);
});
