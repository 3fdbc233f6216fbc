import { describe, expect, it } from "vitest";
import type { HealthState } from "../../api/types";
import { markersOf, type Placed, SINGLE_ZOOM } from "./clusters";
import { freeLabels } from "./labels";
import { project } from "./mercator";

const camera = (latitude: number, longitude: number, health: HealthState = "online"): Placed => ({
  at: project({ latitude, longitude }),
  health,
});
const mast = [camera(31.2, 121.4), camera(31.2, 121.4, "degraded"), camera(31.2, 121.4, "unreachable")];

describe("markers", () => {
  it("hold every camera once at every zoom", () => {
    const cameras = Array.from({ length: 500 }, (_, i) => camera(31 + Math.sin(i) / 20, 121 + Math.cos(i * 7) / 20));
    for (let zoom = 1; zoom <= 21; zoom += 1) {
      const held = markersOf(cameras, zoom).flatMap((marker) => (marker.kind === "cluster" ? marker.items : [marker.item]));
      expect([zoom, held.length, new Set(held).size]).toEqual([zoom, 500, 500]);
    }
  });

  it("are one from afar, with the worst of all", () => {
    const [marker, ...others] = markersOf([...mast, camera(31.21, 121.41)], 6);
    expect(others).toEqual([]);
    expect(marker).toMatchObject({ kind: "cluster", worst: "unreachable", asking: 2 });
  });

  it("stand for themselves from near, those of a mast around it", () => {
    const markers = markersOf(mast, SINGLE_ZOOM);
    expect(markers.map(({ kind }) => kind)).toEqual(["camera", "camera", "camera"]);
    const spots = markers.map((marker) => (marker.kind === "camera" ? `${marker.aside.x} ${marker.aside.y}` : ""));
    expect(new Set(spots).size).toBe(3);
  });

  it("a camera alone stands where it is", () => {
    expect(markersOf([camera(31.2, 121.4)], 5)).toMatchObject([{ kind: "camera", aside: { x: 0, y: 0 } }]);
  });
});

describe("labels", () => {
  const label = (text: string, x: number, y: number) => ({ text, x, y, width: 60, height: 15 });

  it("give way to marks and to those before them", () => {
    const free = freeLabels(
      [label("first", 0, 0), label("over the first", 30, 5), label("over a mark", 0, 100), label("free", 0, 50)],
      [{ left: 50, top: 90, right: 70, bottom: 110 }],
    );
    expect(free.map(({ text }) => text)).toEqual(["first", "free"]);
  });
});
