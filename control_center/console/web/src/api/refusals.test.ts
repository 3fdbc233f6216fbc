import { describe, expect, it } from "vitest";
import { ApiError } from "./client";
import { refusals } from "./refusals";

describe("refusals", () => {
  it("stand at their fields", () => {
    const errors = [
      { field: "mac", what: "this is no MAC address.", mend: "Write its digits." },
      { where: "body.height_m", what: "Input should be a valid number" },
    ];
    expect(refusals(new ApiError(422, { errors }))).toEqual({
      mac: "this is no MAC address. Write its digits.",
      height_m: "Input should be a valid number",
    });
    expect(refusals(new ApiError(412, { errors }))).toEqual({});
  });
});
