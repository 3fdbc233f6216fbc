import { describe, expect, it } from "vitest";
import { type CameraDetail, NUMBER_COLUMNS, TEXT_COLUMNS } from "../../../api/cameraColumns";
import { changeOf, differences, draftOf, faultsOf, GROUPS, undoing } from "./columns";

const NOTHING = Object.fromEntries([...TEXT_COLUMNS, ...NUMBER_COLUMNS].map((column) => [column, null]));
const CAMERA = {
  ...NOTHING,
  id: "1",
  code: "C-1",
  name: "Gate",
  center: "110101",
  center_id: "2",
  center_name: "Riverside",
  main_url: "rtsp://10.0.0.7/a",
  maker: "ACME",
  latitude: 39.9042,
  longitude: 116.4074,
  username: "viewer",
  disabled: false,
  created_us: 0,
  updated_us: 0,
} as unknown as CameraDetail;

describe("a form", () => {
  it("has each column once", () => {
    const shown = GROUPS.flatMap(([, columns]) => columns);
    expect(shown.toSorted()).toEqual([...TEXT_COLUMNS, ...NUMBER_COLUMNS].toSorted());
  });

  it("that nobody touched changes nothing", () => {
    expect(changeOf(draftOf(CAMERA), CAMERA)).toEqual({});
    expect(faultsOf(draftOf(CAMERA))).toEqual({});
  });

  it("clears what is emptied, and reads numbers", () => {
    const draft = { ...draftOf(CAMERA), maker: " ", height_m: "4,5", disabled: true };
    expect(changeOf(draft, CAMERA)).toEqual({ maker: null, height_m: 4.5, disabled: true });
  });

  it("changes a position as a whole, in its datum", () => {
    const moved = { ...draftOf(CAMERA), latitude: "39.91" };
    expect(changeOf(moved, CAMERA)).toEqual({ latitude: 39.91, longitude: 116.4074 });
    expect(changeOf({ ...moved, datum: "gcj02" }, CAMERA)).toMatchObject({ datum: "gcj02" });
    expect(changeOf({ ...draftOf(CAMERA), latitude: "", longitude: "", datum: "gcj02" }, CAMERA)).toEqual({
      latitude: null,
      longitude: null,
    });
  });

  it("names the user with a new password, and only then", () => {
    expect(changeOf({ ...draftOf(CAMERA), password: "new" }, CAMERA)).toEqual({ username: "viewer", password: "new" });
  });

  it("of a new camera sends what is filled", () => {
    const draft = { ...draftOf(null), name: "Gate", main_url: "rtsp://10.0.0.7/a" };
    expect(changeOf(draft, null)).toEqual({ name: "Gate", main_url: "rtsp://10.0.0.7/a" });
  });

  it.each([
    [{ name: " " }, { name: "needed" }],
    [{ height_m: "high" }, { height_m: "number" }],
    [{ latitude: "" }, { latitude: "half" }],
    [{ username: "", password: "x" }, { username: "user" }],
  ])("with %o is at fault", (part, faults) => {
    expect(faultsOf({ ...draftOf(CAMERA), ...part })).toEqual(faults);
  });
});

describe("a change", () => {
  it("is taken back column by column, unless a password is in it or something that is never cleared", () => {
    expect(undoing({ maker: null, height_m: 4 }, CAMERA)).toEqual({ maker: "ACME", height_m: null });
    expect(undoing({ username: "viewer", password: "new" }, CAMERA)).toBeNull();
    expect(undoing({ sub_url: "rtsp://10.0.0.7/b" }, CAMERA)).toBeNull();
  });

  it("by somebody else shows in what differs", () => {
    expect(differences(CAMERA, { ...CAMERA, model: "D-2", disabled: true, updated_us: 1 })).toEqual(["model", "disabled"]);
  });
});
