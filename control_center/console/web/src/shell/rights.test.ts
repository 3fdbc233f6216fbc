import { describe, expect, it } from "vitest";
import type { Right } from "../api/types";
import { parseRoute } from "./routing";
import { permitted, viewsOf } from "./rights";

const holding = (...rights: Right[]) => ({ rights });

// As identity/roles.py gives them.
const OPERATOR = holding("enter", "see_cameras", "watch", "playback", "read", "decide", "lock_evidence", "steer");
const ANALYST = holding("enter", "see_cameras", "playback", "read", "look_up");
const TECHNICIAN = holding("enter", "see_cameras", "watch");
const SUPERVISOR = holding("enter", "see_cameras", "watch", "playback", "read", "look_up", "decide", "overrule", "lock_evidence", "release_evidence", "configure", "register", "steer", "lend");
const AUDITOR = holding("enter", "audit");
const ADMINISTRATOR = holding("enter", "lend", "administer");

describe("views", () => {
  it.each([
    ["operator", OPERATOR, ["alerts", "live", "cameras", "map", "availability", "repairs", "board", "evidence", "account"]],
    ["analyst", ANALYST, ["alerts", "cameras", "map", "availability", "repairs", "board", "look-ups", "evidence", "account"]],
    ["technician", TECHNICIAN, ["live", "cameras", "map", "availability", "repairs", "account"]],
    ["supervisor", SUPERVISOR, ["alerts", "live", "cameras", "map", "availability", "repairs", "board", "look-ups", "evidence", "loans", "account"]],
    ["auditor", AUDITOR, ["audit", "report", "account"]],
    ["administrator", ADMINISTRATOR, ["people", "sessions", "loans", "account"]],
    ["nobody", holding(), ["account"]],
  ])("of %s", (_role, holder, views) => {
    expect(viewsOf(holder)).toEqual(views);
  });

  it("lead home when they are not permitted, or not named", () => {
    expect(permitted(parseRoute("#/audit/7"), OPERATOR)).toEqual({ view: "alerts", id: null });
    expect(permitted(parseRoute("#/alerts/7"), TECHNICIAN)).toEqual({ view: "live", id: null });
    expect(permitted(parseRoute(""), AUDITOR)).toEqual({ view: "audit", id: null });
    expect(permitted(parseRoute("#/live/7"), TECHNICIAN)).toEqual({ view: "live", id: "7" });
  });
});
