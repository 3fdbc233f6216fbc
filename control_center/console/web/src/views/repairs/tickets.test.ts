import { expect, it } from "vitest";
import type { Repair } from "../../api/repairs";
import { ageOf, matching, OLDEST_FIRST, ordered, toldBy, turned } from "./tickets";

const HOUR = 3_600_000_000;
const ticket = (code: string, assigned_to: string | null, opened_us: number): Repair => ({
  id: code,
  version: 1,
  state: "open",
  camera: { id: code, code, name: `Gate ${code}` },
  center_id: "c",
  center_name: "Wangjing",
  fault: "Lens is dark",
  assigned_to,
  opened_us,
  closed_us: null,
  work: null,
  accepted_by: null,
});
const TICKETS = [ticket("C10", "Zhou", 30), ticket("C2", null, 10), ticket("C3", "Anna", 20)];
const codes = (tickets: Repair[]) => tickets.map(({ id }) => id);

it("finds tickets by all the words", () => {
  expect(codes(matching(TICKETS, " dark  ZHOU"))).toEqual(["C10"]);
  expect(codes(matching(TICKETS, ""))).toEqual(["C10", "C2", "C3"]);
});

it("puts what waits for longest first, and turns", () => {
  expect(codes(ordered(TICKETS, OLDEST_FIRST, "en"))).toEqual(["C2", "C3", "C10"]);
  expect(codes(ordered(TICKETS, turned(OLDEST_FIRST, "age"), "en"))).toEqual(["C10", "C3", "C2"]);
  expect(codes(ordered(TICKETS, turned(OLDEST_FIRST, "camera"), "en"))).toEqual(["C2", "C3", "C10"]);
  expect(codes(ordered(TICKETS, turned(OLDEST_FIRST, "assigned"), "en"))).toEqual(["C3", "C10", "C2"]);
});

it("tells the age in hours, then in days, and of a closed one how long it took", () => {
  expect(ageOf({ opened_us: 0, closed_us: null }, 47.9 * HOUR)).toEqual({ unit: "hours", n: 47 });
  expect(ageOf({ opened_us: 0, closed_us: null }, 48 * HOUR)).toEqual({ unit: "days", n: 2 });
  expect(ageOf({ opened_us: 0, closed_us: HOUR }, 480 * HOUR)).toEqual({ unit: "hours", n: 1 });
  expect(ageOf({ opened_us: HOUR, closed_us: null }, 0)).toEqual({ unit: "new", n: 0 });
});

it("tells a picture from a remark", () => {
  const step = { at_us: 0, actor: "wu", step: "noted" } as const;
  expect(toldBy({ ...step, text: `photo ${"0".repeat(64)}` })).toEqual({ name: "photo", text: "" });
  expect(toldBy({ ...step, text: "photo taken" })).toEqual({ name: "noted", text: "photo taken" });
});
