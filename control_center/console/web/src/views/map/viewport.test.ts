import { describe, expect, it } from "vitest";
import { graticuleOf, scaleBar } from "./graticule";
import { MAX_LATITUDE, project, unproject, widthInMetres } from "./mercator";
import { centred, fitting, fromScreen, MAX_ZOOM, metresPerPixel, MIN_ZOOM, panned, toScreen, type Viewport, zoomed } from "./viewport";

const SHANGHAI = { latitude: 31.2304, longitude: 121.4737 };
const view = (zoom: number, position = SHANGHAI): Viewport => ({ middle: project(position), zoom, width: 800, height: 600 });

describe("Web Mercator", () => {
  it.each([
    ["the middle", { latitude: 0, longitude: 0 }, { x: 0.5, y: 0.5 }],
    ["north-west", { latitude: MAX_LATITUDE, longitude: -180 }, { x: 0, y: 0 }],
    ["south-east", { latitude: -MAX_LATITUDE, longitude: 180 }, { x: 1, y: 1 }],
    // EPSG:3857 of this point is 13522390.47, 3662690.92 metres.
    ["a city", SHANGHAI, { x: 0.5 + 13_522_390.47 / 40_075_016.686, y: 0.5 - 3_662_690.92 / 40_075_016.686 }],
  ])("has %s where it belongs", (_what, position, { x, y }) => {
    const at = project(position);
    expect(at.x).toBeCloseTo(x, 6);
    expect(at.y).toBeCloseTo(y, 6);
  });

  it("comes back to the centimetre", () => {
    for (const position of [SHANGHAI, { latitude: -54.8, longitude: -68.3 }, { latitude: 69.65, longitude: 18.96 }]) {
      const back = unproject(project(position));
      expect(back.latitude).toBeCloseTo(position.latitude, 7);
      expect(back.longitude).toBeCloseTo(position.longitude, 7);
    }
  });

  it("draws a pole on its edge", () => {
    expect(project({ latitude: 90, longitude: 0 }).y).toBeCloseTo(0, 9);
    expect(project({ latitude: -90, longitude: 0 }).y).toBeCloseTo(1, 9);
  });

  it("stretches by the latitude", () => {
    expect(widthInMetres(0)).toBeCloseTo(40_075_016.69, 1);
    expect(widthInMetres(60)).toBeCloseTo(20_037_508.34, 1);
  });
});

describe("viewport", () => {
  it("has its middle in the middle, and comes back from the screen", () => {
    const now = view(12.3);
    expect(toScreen(now, now.middle)).toEqual({ x: 400, y: 300 });
    const at = fromScreen(now, { x: 17, y: 599 });
    expect(toScreen(now, at).x).toBeCloseTo(17, 3);
    expect(toScreen(now, at).y).toBeCloseTo(599, 3);
  });

  it("keeps what is under the pointer there when it comes closer", () => {
    const [now, at] = [view(10), { x: 700, y: 120 }];
    const under = fromScreen(now, at);
    const next = zoomed(now, 2.5, at);
    expect(next.zoom).toBe(12.5);
    expect(toScreen(next, under).x).toBeCloseTo(700, 3);
    expect(toScreen(next, under).y).toBeCloseTo(120, 3);
  });

  it("follows a drag", () => {
    const now = view(10);
    expect(toScreen(panned(now, 30, -20), now.middle).x).toBeCloseTo(430, 6);
    expect(toScreen(panned(now, 30, -20), now.middle).y).toBeCloseTo(280, 6);
  });

  it("ends where the world does", () => {
    expect(zoomed(view(10), 50).zoom).toBe(MAX_ZOOM);
    expect(zoomed(view(10), -50).zoom).toBe(MIN_ZOOM);
    expect(panned(view(3), 1e9, 1e9).middle).toEqual({ x: 0, y: 0 });
  });

  it("shows all that it is asked to fit, with a margin", () => {
    const points = [SHANGHAI, { latitude: 31.4, longitude: 121.9 }, { latitude: 30.9, longitude: 121.2 }].map(project);
    for (const { x, y } of points.map((point) => toScreen(fitting(view(3), points), point))) {
      expect(x).toBeGreaterThanOrEqual(47.9);
      expect(x).toBeLessThanOrEqual(752.1);
      expect(y).toBeGreaterThanOrEqual(47.9);
      expect(y).toBeLessThanOrEqual(552.1);
    }
  });

  it("comes to a single camera, not into it, and stays where there is none", () => {
    expect(fitting(view(3), [project(SHANGHAI)]).zoom).toBe(17);
    expect(fitting(view(3), [])).toEqual(view(3));
  });

  it("knows how long a pixel is", () => {
    // 156543 m at the equator and zoom 0, halved by each zoom.
    expect(metresPerPixel(view(17))).toBeCloseTo((156_543.034 / 2 ** 17) * Math.cos((31.2304 * Math.PI) / 180), 4);
  });
});

describe("scale bar", () => {
  it.each([
    [2, "2000 km"],
    [10, "10 km"],
    [17, "100 m"],
    [21, "5 m"],
  ])("at zoom %i is %s", (zoom, label) => {
    const bar = scaleBar(view(zoom));
    expect(bar.label).toBe(label);
    expect(bar.px).toBeLessThanOrEqual(140);
    expect(bar.px).toBeGreaterThan(50);
  });
});

describe("graticule", () => {
  it("stands at even degrees, apart enough to be read", () => {
    const { meridians, parallels } = graticuleOf(view(12));
    expect(meridians.map(({ label }) => label)).toEqual(["121.4° E", "121.5° E", "121.6° E"]);
    expect(parallels.every(({ px }) => px >= -1 && px <= 601)).toBe(true);
    const [first, second] = meridians;
    expect((second?.px ?? 0) - (first?.px ?? 0)).toBeGreaterThanOrEqual(150);
  });

  it("names west and south, and the lines of zero", () => {
    const { meridians, parallels } = graticuleOf(centred(view(2), { x: 0.5, y: 0.5 }));
    expect(meridians.map(({ label }) => label)).toContain("0°");
    expect(meridians.some(({ label }) => label.endsWith("W"))).toBe(true);
    expect(parallels.some(({ label }) => label.endsWith("S"))).toBe(true);
  });

  it("has lines at every zoom", () => {
    for (let zoom = MIN_ZOOM; zoom <= MAX_ZOOM; zoom += 0.5) {
      const { meridians } = graticuleOf(view(zoom));
      expect([zoom, meridians.length]).toEqual([zoom, expect.toSatisfy((n: number) => n >= 1 && n < 9)]);
    }
  });
});
