import { describe, expect, it } from "vitest";
import { hrefOf, parseRoute } from "./routing";

describe("routes", () => {
  it("lead home when unknown", () => {
    for (const hash of ["", "#", "#/", "#/nowhere/x"]) expect(parseRoute(hash)).toEqual({ view: "alerts", id: null });
  });

  it("come back as they were written", () => {
    for (const id of [null, "0199-ab", "a/b ?#"]) expect(parseRoute(hrefOf("live", id))).toEqual({ view: "live", id });
  });
});
