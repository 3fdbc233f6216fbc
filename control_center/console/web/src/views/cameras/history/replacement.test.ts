import { expect, it } from "vitest";
import type { CameraDetail } from "../../../api/cameraColumns";
import { draftOf, replacementOf } from "./replacement";

const CAMERA = {
  maker: "ACME",
  model: "D-1",
  serial: "77",
  mac: "00:1a:2b:3c:4d:5e",
  main_url: "rtsp://10.0.0.7/a",
  sub_url: null,
  username: "viewer",
} as unknown as CameraDetail;

it("begins with the address, and without what was the old device's own", () => {
  expect(draftOf(CAMERA)).toMatchObject({ maker: "ACME", main_url: "rtsp://10.0.0.7/a", serial: "", mac: "", reason: "" });
});

it("sends what is filled, and a user name only with a password", () => {
  const draft = { ...draftOf(CAMERA), serial: " 78 ", reason: "lightning" };
  expect(replacementOf(draft)).toEqual({
    maker: "ACME",
    model: "D-1",
    serial: "78",
    main_url: "rtsp://10.0.0.7/a",
    reason: "lightning",
  });
  expect(replacementOf({ ...draft, password: " x " })).toMatchObject({ username: "viewer", password: " x " });
});
