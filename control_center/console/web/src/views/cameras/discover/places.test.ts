import { describe, expect, it } from "vitest";
import { faultsOf, hostsOf, isSlow, NO_PLACE, questionOf } from "./places";

describe("hosts", () => {
  it("are read from lines and commas, once each", () => {
    expect(hostsOf("10.0.0.7\n# gate\n10.0.0.8, cam.local\r\n10.0.0.7\n\n")).toEqual(["10.0.0.7", "10.0.0.8", "cam.local"]);
  });
});

describe("a place", () => {
  it("begins with the multicast of the machine's own network", () => {
    expect(faultsOf(NO_PLACE)).toEqual({});
    expect(questionOf(NO_PLACE)).toEqual({ interfaces: [], seconds: 4 });
    expect(questionOf({ ...NO_PLACE, interfaces: "eth1, eth2" })).toEqual({ interfaces: ["eth1", "eth2"], seconds: 4 });
  });

  it("may be a range", () => {
    const place = { ...NO_PLACE, kind: "range" as const, range: " 10.0.0.0/24 " };
    expect(faultsOf(place)).toEqual({});
    expect(questionOf(place)).toEqual({ range: "10.0.0.0/24", port: 80, rate: 50 });
    expect([isSlow(place), isSlow({ ...place, range: "10.0.0.0/20" }), isSlow(NO_PLACE)]).toEqual([false, true, false]);
  });

  it("may be a list, of which nothing has to be found", () => {
    expect(questionOf({ ...NO_PLACE, kind: "hosts", hosts: "10.0.0.7" })).toBeNull();
  });

  it.each([
    ["interfaces", { seconds: "" }, ["seconds"]],
    ["interfaces", { seconds: "61" }, ["seconds"]],
    ["range", { range: "" }, ["range"]],
    ["range", { range: "10.0.0.0/8" }, ["range"]],
    ["range", { range: "10.0.0.300/24" }, ["range"]],
    ["range", { range: "10.0.0.0/24", port: "0", rate: "many" }, ["port", "rate"]],
    ["hosts", { hosts: "# nothing" }, ["hosts"]],
  ] as const)("by %s with %o is at fault", (kind, part, fields) => {
    expect(Object.keys(faultsOf({ ...NO_PLACE, kind, ...part }))).toEqual(fields);
  });
});
