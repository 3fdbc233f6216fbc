import { describe, expect, it } from "vitest";
import { steer } from "./steering";

describe("steer", () => {
  it("does nothing with an empty buffer", () => {
    expect(steer([], 0)).toEqual({ seekTo: null, removeTo: null });
  });

  it("goes to the live edge when the stream's timeline does not start at zero", () => {
    expect(steer([{ start: 5000, end: 5002 }], 0).seekTo).toBeCloseTo(5001.6);
  });

  it("lets up to 3 s of lag be, and jumps beyond", () => {
    expect(steer([{ start: 0, end: 10 }], 7.1).seekTo).toBeNull();
    expect(steer([{ start: 0, end: 10 }], 6.9).seekTo).toBeCloseTo(9.6);
  });

  it("leaves a gap behind by going to the newest range", () => {
    expect(steer([{ start: 0, end: 4 }, { start: 5, end: 5.2 }], 3.9).seekTo).toBe(5);
  });

  it("holds at most 10 s behind the edge, and removes only when it is worth it", () => {
    expect(steer([{ start: 0, end: 9.9 }], 9).removeTo).toBeNull();
    expect(steer([{ start: 0, end: 10.5 }], 10).removeTo).toBeCloseTo(2.5);
  });
});
