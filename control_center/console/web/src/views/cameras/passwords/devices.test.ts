import { describe, expect, it } from "vitest";
import { ROTATED_STATES, type RotatedDevice, type RotatedState } from "../../../api/rotations";
import { countsOf, failedCameras, faultyStages, openOf, turned, USUAL_STAGES, worstFirst } from "./devices";

const device = (state: RotatedState): RotatedDevice => ({
  rotation_id: "r",
  device: `https://${state}`,
  username: "admin",
  cameras: [state],
  camera_ids: [`id-${state}`],
  state,
  cause: null,
  changed_us: 1,
});
const all = ROTATED_STATES.map(device).toReversed();

describe("the devices of a rotation", () => {
  it("stand with those first that need somebody", () => {
    expect(worstFirst(all).map(({ state }) => state)).toEqual([...ROTATED_STATES]);
  });

  it("are counted by the states that are there", () => {
    expect(countsOf([device("done"), device("unknown"), device("done")])).toEqual([["unknown", 1], ["done", 2]]);
  });

  it("are open, had their turn, or kept their old password", () => {
    expect(openOf(all).map(({ state }) => state)).toEqual(["waiting", "pending", "unknown"]);
    expect(turned(all)).toBe(5);
    expect(failedCameras(all)).toEqual(["id-unchanged", "id-rolled_back"]);
  });
});

describe("the stages", () => {
  it("are numbers within the server's limits", () => {
    expect(faultyStages(USUAL_STAGES)).toEqual([]);
    expect(faultyStages({ canary: "-1", wave: "0", max_failures: "1001" })).toEqual(["canary", "wave", "max_failures"]);
    expect(faultyStages({ canary: "", wave: "two", max_failures: "0" })).toEqual(["canary", "wave"]);
  });
});
