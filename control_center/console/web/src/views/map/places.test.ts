import { describe, expect, it } from "vitest";
import type { CoverageFeature } from "../../api/coverage";
import type { Camera } from "../../api/types";
import { project } from "./mercator";
import { groundsOf, nearest, placed, walked } from "./places";

const camera = (id: string): Camera => ({
  id,
  code: id,
  name: id,
  center_id: "c",
  center_name: "c",
  state: "recording",
  state_since_us: null,
  cause: null,
  health: { state: "online", since_us: null, cause: null, mend: null, until_us: null },
  streams: [],
});
const properties = (id: string, kind: "position" | "sector") => ({ id, code: id, name: id, kind });
const point = (id: string, longitude: number, latitude: number): CoverageFeature => ({
  type: "Feature",
  geometry: { type: "Point", coordinates: [longitude, latitude] },
  properties: properties(id, "position"),
});
const SECTOR: CoverageFeature = {
  type: "Feature",
  geometry: { type: "Polygon", coordinates: [[[121, 31], [121.1, 31], [121.1, 31.1], [121, 31]]] },
  properties: properties("west", "sector"),
};
const FEATURES = [SECTOR, point("west", 121, 31), point("east", 121.001, 31), point("north", 121, 31.001)];
const CAMERAS = ["west", "east", "north", "nowhere"].map(camera);

describe("grounds", () => {
  it("hold position and sector, in any order of the features", () => {
    const grounds = groundsOf(FEATURES);
    expect([...grounds.keys()]).toEqual(["west", "east", "north"]);
    expect(grounds.get("west")?.sector).toHaveLength(1);
    expect(grounds.get("east")?.sector).toEqual([]);
  });

  it("leave out what cannot be drawn", () => {
    const broken: CoverageFeature[] = [
      { type: "Feature", geometry: null, properties: properties("none", "position") },
      point("nan", Number.NaN, 31),
      { ...SECTOR, properties: properties("no position", "sector") },
    ];
    expect(groundsOf(broken).size).toBe(0);
  });

  it("tell which way a camera looks, where that is known", () => {
    const looking = point("west", 121, 31);
    looking.properties.azimuth_deg = 0;
    expect(groundsOf([looking]).get("west")?.azimuth).toBe(0);
    expect(groundsOf(FEATURES).get("west")?.azimuth).toBeNull();
  });
});

describe("cameras", () => {
  const { places, unplaced } = placed(CAMERAS, groundsOf(FEATURES));
  const from = project({ latitude: 31.0011, longitude: 121.0001 });

  it("without a position are told apart", () => {
    expect(places.map(({ camera: { id } }) => id)).toEqual(["west", "east", "north"]);
    expect(unplaced.map(({ id }) => id)).toEqual(["nowhere"]);
  });

  it.each([
    ["west", "ArrowRight", "east"],
    ["west", "ArrowUp", "north"],
    ["east", "ArrowLeft", "west"],
    ["north", "ArrowDown", "west"],
    ["west", "ArrowLeft", "west"],
  ])("from %s by %s: %s", (id, key, next) => {
    expect(walked(places, id, key, from)?.camera.id).toBe(next);
  });

  it("begin with the one in the middle", () => {
    expect(walked(places, null, "ArrowRight", from)?.camera.id).toBe("north");
    expect(nearest([], from)).toBeNull();
  });
});
