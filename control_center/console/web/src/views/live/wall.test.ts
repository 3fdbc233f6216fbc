import { describe, expect, it } from "vitest";
import type { Camera } from "../../api/types";
import { otherStream, preferredStream } from "../../media/streams";
import { fitting, neighbour, onPage, pageCount, sizeOf } from "./wall";

it("shares cameras out over pages", () => {
  expect(pageCount(0, "6")).toBe(1);
  expect(pageCount(7, "6")).toBe(2);
  expect(onPage([1, 2, 3, 4, 5, 6, 7], "6", 1)).toEqual([7]);
});

it("wastes no room when there are fewer cameras than fields", () => {
  expect([fitting("6", 1), fitting("9", 5), fitting("4", 30), fitting("6", 6)]).toEqual(["1", "6", "4", "6"]);
});

it("makes the first of six, and a single one, large", () => {
  expect([sizeOf("1", 0), sizeOf("4", 0), sizeOf("6", 0), sizeOf("6", 1)]).toEqual(["large", "tile", "large", "tile"]);
});

describe("neighbour", () => {
  // One large picture over 2 x 2 fields and five small ones around it.
  const six = [[1, 1], [2.5, 0.5], [2.5, 1.5], [0.5, 2.5], [1.5, 2.5], [2.5, 2.5]].map(([x = 0, y = 0]) => ({
    x: x * 100,
    y: y * 100,
  }));

  it.each([
    [0, "ArrowRight", 1],
    [1, "ArrowDown", 2],
    [1, "ArrowLeft", 0],
    [5, "ArrowLeft", 4],
    [4, "ArrowUp", 0],
    [0, "ArrowUp", 0],
    [2, "x", 2],
  ])("from %i by %s is %i", (from, key, to) => {
    expect(neighbour(six, from, key)).toBe(to);
  });
});

describe("streams", () => {
  const camera = (...names: ("main" | "sub")[]) =>
    ({ streams: names.map((name) => ({ name, codec: "h264", width: 1, height: 1 })) }) as Camera;

  it("are sub for small and main for large pictures, or what there is", () => {
    expect(preferredStream(camera("main", "sub"), "tile")).toBe("sub");
    expect(preferredStream(camera("main", "sub"), "large")).toBe("main");
    expect(preferredStream(camera("main"), "tile")).toBe("main");
    expect(preferredStream(camera(), "tile")).toBeNull();
  });

  it("stand in for each other", () => {
    expect(otherStream(camera("main", "sub"), "main")).toBe("sub");
    expect(otherStream(camera("main"), "main")).toBeNull();
  });
});
