import { describe, expect, it } from "vitest";
import { knownAmong, placeOf } from "./known";

const camera = (code: string, onvif_url: string | null, main_url: string | null) => ({
  id: code,
  code,
  name: code,
  onvif_url,
  main_url,
});

describe("a place", () => {
  it.each([
    ["10.0.0.7", "10.0.0.7"],
    ["10.0.0.7:8000", "10.0.0.7:8000"],
    ["http://Cam.Local:80/onvif/device_service", "cam.local"],
    ["rtsp://viewer@10.0.0.7:554/main?x=1", "10.0.0.7"],
    ["[fd00::7]:8000", "[fd00::7]:8000"],
  ])("of %s is %s", (address, place) => {
    expect(placeOf(address)).toBe(place);
  });
});

describe("a device", () => {
  const known = knownAmong([
    camera("C-1", "http://10.0.0.7:8000/onvif/device_service", "rtsp://10.0.0.7/1"),
    camera("C-2", null, "rtsp://10.0.0.8:8554/main"),
    camera("C-3", null, null),
  ]);
  const codesAt = (address: string) => known(address).map(({ code }) => code);

  it("is known by its ONVIF address, and else by the host of its stream", () => {
    expect(codesAt("10.0.0.7:8000")).toEqual(["C-1"]);
    expect(codesAt("http://10.0.0.8/onvif/device_service")).toEqual(["C-2"]);
    expect(codesAt("10.0.0.9")).toEqual([]);
  });

  it("is another one at another port", () => {
    expect(codesAt("http://10.0.0.7:8001/")).toEqual([]);
  });
});
