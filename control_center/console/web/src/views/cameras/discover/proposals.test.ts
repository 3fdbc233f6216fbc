import { describe, expect, it } from "vitest";
import type { DeviceProbe, DeviceStream } from "../../../api/registering";
import { byProposal, cameraOf, faultsOf, joined, numbered, type Proposal, proposalsOf } from "./proposals";

const stream = (path: string, width: number): DeviceStream => ({
  url: `rtsp://10.0.0.7/${path}`,
  profile: {
    token: path,
    name: path,
    source: null,
    encoding: "H264",
    width,
    height: (width * 9) / 16,
    frame_rate: 25,
    bit_rate_kbps: 2000,
  },
});
const channel = (path: string, hasSub = true) => ({
  source: path,
  main: stream(path, 1920),
  sub: hasSub ? stream(`${path}-sub`, 640) : null,
});
const PROBE: DeviceProbe = {
  host: "http://10.0.0.7/onvif/device_service",
  url: "http://10.0.0.7/onvif/device_service",
  information: { maker: "ACME", model: "D-1", firmware: "1.0", serial: "77", hardware: "" },
  mac: "00:1A:2B:3C:4D:5E",
  channels: [channel("a")],
  findings: [],
};
const LOGIN = { username: "viewer", password: "secret" };
const AT = { login: LOGIN, center: "110101", knownAt: () => [] };
const nobody = () => false;

describe("proposals", () => {
  it("are one for each channel with a stream", () => {
    const nvr = { ...PROBE, channels: [channel("a"), channel("b", false), { source: "c", main: null, sub: null }] };
    const found = proposalsOf(nvr, AT);
    expect(found.map(({ code, name, main_url, sub_url }) => [code, name, main_url, sub_url])).toEqual([
      ["10.0.0.7-1", "D-1 10.0.0.7-1", "rtsp://10.0.0.7/a", "rtsp://10.0.0.7/a-sub"],
      ["10.0.0.7-2", "D-1 10.0.0.7-2", "rtsp://10.0.0.7/b", ""],
    ]);
  });

  it("leave out what is registered", () => {
    const known = { id: "1", code: "C-1", name: "Gate", onvif_url: null, main_url: "rtsp://10.0.0.7/b" };
    const nvr = { ...PROBE, channels: [channel("a"), channel("b")] };
    const knownAt = () => [known];
    expect(proposalsOf(nvr, { ...AT, knownAt }).map((one) => [one.isChosen, one.known])).toEqual([
      [true, null],
      [false, known],
    ]);
    expect(proposalsOf(PROBE, { ...AT, knownAt })[0]?.known).toBe(known);
  });

  it("keep what was edited when more devices answer", () => {
    const old = proposalsOf(PROBE, AT).map((one) => ({ ...one, code: "GATE" }));
    const more = { ...PROBE, url: "http://10.0.0.8/", host: "http://10.0.0.8/" };
    const fresh = [...proposalsOf(PROBE, AT), ...proposalsOf(more, AT)];
    expect(joined(old, fresh).map(({ code }) => code)).toEqual(["GATE", "10.0.0.8"]);
  });

  it("become cameras with what their device told", () => {
    const [found] = proposalsOf({ ...PROBE, mac: "odd" }, AT);
    expect(cameraOf(found as Proposal)).toEqual({
      code: "10.0.0.7",
      name: "D-1 10.0.0.7",
      center: "110101",
      main_url: "rtsp://10.0.0.7/a",
      sub_url: "rtsp://10.0.0.7/a-sub",
      maker: "ACME",
      model: "D-1",
      firmware: "1.0",
      serial: "77",
      onvif_url: "http://10.0.0.7/onvif/device_service",
      ...LOGIN,
    });
  });

  it("take a running number where they are chosen", () => {
    const three = ["a", "b", "c"].map((key, i) => ({ ...(proposalsOf(PROBE, AT)[0] as Proposal), key, isChosen: i !== 1 }));
    expect(numbered(three, "GATE-", "009").map(({ code }) => code)).toEqual(["GATE-009", "10.0.0.7", "GATE-010"]);
  });
});

describe("faults", () => {
  const [one] = proposalsOf(PROBE, AT) as [Proposal];
  const other = { ...one, key: "other" };

  it("are codes that stand twice, that are taken, and what is empty", () => {
    expect(faultsOf([one, other], nobody).get("other")).toEqual({ code: "twice" });
    expect(faultsOf([one, { ...other, isChosen: false }], nobody).size).toBe(0);
    expect(faultsOf([one, { ...other, center: "110102" }], nobody).size).toBe(0);
    expect(faultsOf([one], (center, code) => `${center} ${code}` === "110101 10.0.0.7").get(one.key)).toEqual({ code: "taken" });
    expect(faultsOf([{ ...one, code: " ", name: "", center: "" }], nobody).get(one.key)).toEqual({
      code: "missing",
      name: "missing",
      center: "missing",
    });
  });

  it("of the server are told at their rows", () => {
    const problem = { row: 2, column: "name", what: "it is too long.", mend: "Shorten it." };
    expect([...byProposal([problem, { ...problem, row: 9 }], [one, other])]).toEqual([["other", [problem]]]);
  });
});
