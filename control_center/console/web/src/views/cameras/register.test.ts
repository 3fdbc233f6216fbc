import { describe, expect, it } from "vitest";
import type { Center } from "../../api/identityTypes";
import type { Camera, CameraState, HealthState } from "../../api/types";
import { branchesOf, chosen, type Filter, inSight, sorted, turned, within } from "./register";

const center = (id: string, parent_id: string | null, level: Center["level"]): Center => ({
  id,
  parent_id,
  code: id,
  name: `Center ${id}`,
  level,
});
const CENTERS = [
  center("city", null, "city"),
  center("east", "city", "county"),
  center("port", "east", "station"),
  center("west", "city", "county"),
];
const inHealth = (state: HealthState) => ({ state, since_us: 0, cause: null, mend: null, until_us: null });
const camera = (
  code: string,
  center_id: string,
  state: CameraState,
  state_since_us = 0,
  health = inHealth("unknown"),
): Camera => ({
  id: code,
  code,
  name: `Gate ${code}`,
  center_id,
  center_name: `Center ${center_id}`,
  state,
  state_since_us,
  cause: null,
  health,
  streams: [],
});
const CAMERAS = [
  camera("C-10", "port", "recording", 30, inHealth("online")),
  camera("C-2", "port", "silent", 20, inHealth("stream_failed")),
  camera("C-3", "east", "disabled", 10),
  camera("C-4", "west", "unreachable", 40, inHealth("unreachable")),
];
const ALL: Filter = { words: "", state: "all", health: "all", centers: null, ids: null };
const codes = (cameras: Camera[]) => cameras.map(({ code }) => code);

describe("branches", () => {
  const branches = branchesOf(CENTERS, CAMERAS);

  it("count what lies below; a camera that is switched off is no fault", () => {
    const [city] = branches;
    expect([city?.total, city?.faulty]).toEqual([4, 2]);
    expect(city?.children.map(({ id, total, faulty }) => [id, total, faulty])).toEqual([
      ["east", 3, 1],
      ["west", 1, 1],
    ]);
    expect(city?.children[0]?.children.map(({ id, total }) => [id, total])).toEqual([["port", 2]]);
  });

  it("reach from a center down", () => {
    expect(within(branches, "east")).toEqual(new Set(["east", "port"]));
    expect(within(branches, "gone")).toBeNull();
  });
});

describe("chosen", () => {
  it.each([
    ["all", ALL, ["C-10", "C-2", "C-3", "C-4"]],
    ["words in any order", { ...ALL, words: " port  c-2" }, ["C-2"]],
    ["faulty", { ...ALL, state: "faulty" as const }, ["C-2", "C-4"]],
    ["a state", { ...ALL, state: "disabled" as const }, ["C-3"]],
    ["a health", { ...ALL, health: "online" as const }, ["C-10"]],
    ["no check yet", { ...ALL, health: "unknown" as const }, ["C-3"]],
    ["whatever asks for help", { ...ALL, health: "asking" as const }, ["C-2", "C-4"]],
    ["a fault's cameras", { ...ALL, ids: new Set(["C-3", "C-4"]) }, ["C-3", "C-4"]],
    ["centers", { ...ALL, centers: new Set(["east"]) }, ["C-3"]],
    ["nothing", { ...ALL, words: "nowhere" }, []],
  ])("by %s", (_what, filter, found) => {
    expect(codes(chosen(CAMERAS, filter))).toEqual(found);
  });
});

describe("sorted", () => {
  it.each([
    ["code", false, ["C-2", "C-3", "C-4", "C-10"]],
    ["code", true, ["C-10", "C-4", "C-3", "C-2"]],
    ["state", false, ["C-4", "C-2", "C-10", "C-3"]],
    ["health", false, ["C-4", "C-2", "C-3", "C-10"]],
    ["since", true, ["C-4", "C-10", "C-2", "C-3"]],
    ["center", false, ["C-3", "C-2", "C-10", "C-4"]],
  ] as const)("by %s, descending: %s", (column, isDescending, found) => {
    expect(codes(sorted(CAMERAS, { column, isDescending }, "en-GB"))).toEqual(found);
  });

  it("turns on the second press", () => {
    const order = { column: "code", isDescending: false } as const;
    expect(turned(order, "code").isDescending).toBe(true);
    expect(turned(order, "name")).toEqual({ column: "name", isDescending: false });
  });
});

describe("inSight", () => {
  it.each([
    [0, 340, { first: 0, end: 18 }],
    [34_000, 340, { first: 992, end: 1018 }],
    [340_000, 340, { first: 9992, end: 10_000 }],
    [0, 0, { first: 0, end: 8 }],
  ])("from %i over %i", (top, height, rows) => {
    expect(inSight(top, height, 34, 10_000)).toEqual(rows);
  });

  it("holds nothing of nothing", () => {
    expect(inSight(500, 340, 34, 0)).toEqual({ first: 0, end: 0 });
  });
});
