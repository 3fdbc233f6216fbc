import { describe, expect, it } from "vitest";
import type { Account, AlertDetail, AlertState, Right } from "../../api/types";
import { headline } from "./headline";
import { hasVerified, STEPS, stepsFor } from "./steps";

const entry = (account: string, to: AlertState) => ({ at_us: 0, account, from: null, to, note: null });
const person = (...rights: Right[]) => ({ id: "1", username: "li", display_name: "Li", rights }) as Account;
const me = person("read", "decide");

describe("hasVerified", () => {
  const told = (...history: AlertDetail["history"]) => hasVerified({ history } as AlertDetail, me);

  it("knows one's own verification from another's", () => {
    expect(told(entry("li", "verified"))).toBe(true);
    expect(told(entry("zhang", "verified"))).toBe(false);
  });

  it("counts none from before a dismissal", () => {
    expect(told(entry("li", "verified"), entry("zhang", "dismissed"), entry("li", "acknowledged"))).toBe(false);
  });
});

describe("stepsFor", () => {
  const alert = (state: AlertState, ...history: AlertDetail["history"]) => ({ state, history }) as AlertDetail;

  it("offers nothing to who only reads", () => {
    expect(stepsFor(alert("new"), person("read"))).toEqual([]);
    expect(stepsFor(alert("new"), me)).toEqual(["acknowledge", "verify", "dismiss"]);
  });

  it("offers a second verification to somebody else", () => {
    expect(stepsFor(alert("acknowledged", entry("li", "verified")), me)).toEqual(["dismiss"]);
  });

  it("lets one's own dismissal be taken back, and a colleague's by who may overrule", () => {
    const senior = person("read", "decide", "overrule");
    expect(stepsFor(alert("dismissed", entry("li", "dismissed")), me)).toEqual(["reopen", "close"]);
    expect(stepsFor(alert("dismissed", entry("zhang", "dismissed")), me)).toEqual(["close"]);
    expect(stepsFor(alert("dismissed", entry("zhang", "dismissed")), senior)).toEqual(["reopen", "close"]);
  });
});

it("offers no step after the end", () => {
  expect(STEPS.closed).toEqual([]);
});

describe("headline", () => {
  it("says the subject once", () => {
    expect(headline("京A12345 · Stolen vehicles", "京A12345")).toEqual({ subject: "京A12345", rest: "Stolen vehicles" });
    expect(headline("王芳 · Wanted × Lost documents", null)).toEqual({ subject: "王芳", rest: "Wanted × Lost documents" });
  });

  it("keeps a title of another form whole", () => {
    expect(headline("Something", null)).toEqual({ subject: "Something", rest: "" });
    expect(headline("Owner · Wanted", "京A1")).toEqual({ subject: "京A1", rest: "Owner · Wanted" });
  });
});
