import { describe, expect, it } from "vitest";
import { hrefOf, parseRoute, refusedSignIn } from "./routing";

describe("routes", () => {
  it("are none when unknown", () => {
    for (const hash of ["", "#", "#/", "#/nowhere/x", "#/?sign-in=refused"]) expect(parseRoute(hash)).toBeNull();
  });

  it("come back as they were written", () => {
    for (const id of [null, "0199-ab", "a/b ?#"]) expect(parseRoute(hrefOf("live", id))).toEqual({ view: "live", id });
  });

  it("survive half an escape", () => {
    expect(parseRoute("#/alerts/%E4%")).toEqual({ view: "alerts", id: null });
  });

  it("carry why a sign-in was refused", () => {
    expect(refusedSignIn("#/?sign-in=forbidden")).toBe("forbidden");
    expect(refusedSignIn("#/alerts/7")).toBeNull();
  });
});
