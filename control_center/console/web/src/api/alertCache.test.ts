import { describe, expect, it } from "vitest";
import { type AlertFilter, type AlertPages, foldAlert, matches } from "./alertCache";
import { foldCamera } from "./events";
import type { Alert, Camera } from "./types";

const alert = (id: string, created_us: number, rest: Partial<Alert> = {}): Alert => ({
  id,
  created_us,
  kind: "plate_hit",
  state: "new",
  version: 1,
  severity: "high",
  center_id: "c",
  center_name: "C",
  title: { zh: "", en: "" },
  list: null,
  database: null,
  camera: null,
  observed_us: null,
  plate: null,
  sightings: 0,
  last_observed_us: null,
  verifications: 0,
  verifications_needed: 1,
  ...rest,
});

const ALL: AlertFilter = { state: "all", kind: "all" };
const pagesOf = (...pages: Alert[][]): AlertPages => ({
  pageParams: pages.map(() => null),
  pages: pages.map((items, i) => ({ items, next_cursor: i < pages.length - 1 ? `after-${i}` : null })),
});
const ids = (pages: AlertPages) => pages.pages.map(({ items }) => items.map(({ id }) => id));

describe("foldAlert", () => {
  it("puts a new alert first", () => {
    expect(ids(foldAlert(pagesOf([alert("b", 2), alert("a", 1)]), alert("c", 3), ALL))).toEqual([["c", "b", "a"]]);
  });

  it("keeps the order when an older alert arrives late", () => {
    const pages = pagesOf([alert("d", 40), alert("c", 30)], [alert("a", 10)]);
    expect(ids(foldAlert(pages, alert("b", 20), ALL))).toEqual([["d", "c"], ["b", "a"]]);
  });

  it("fills an empty list", () => {
    expect(ids(foldAlert(pagesOf([]), alert("a", 1), ALL))).toEqual([["a"]]);
  });

  it("leaves an alert older than the loaded pages to the next page", () => {
    const pages: AlertPages = { pageParams: [null], pages: [{ items: [alert("b", 20)], next_cursor: "more" }] };
    expect(ids(foldAlert(pages, alert("a", 10), ALL))).toEqual([["b"]]);
  });

  it("shows an alert once, however often it is told", () => {
    const once = foldAlert(pagesOf([]), alert("a", 1), ALL);
    expect(ids(foldAlert(once, alert("a", 1), ALL))).toEqual([["a"]]);
  });

  it("never goes back to an older version", () => {
    const pages = pagesOf([alert("a", 1, { version: 3, state: "verified" })]);
    expect(foldAlert(pages, alert("a", 1, { version: 2, state: "acknowledged" }), ALL)).toBe(pages);
  });

  it("changes an alert where it stands, even out of its filter", () => {
    const folded = foldAlert(pagesOf([alert("b", 2), alert("a", 1)]), alert("a", 1, { version: 2, state: "closed" }), {
      state: "new",
      kind: "all",
    });
    expect(ids(folded)).toEqual([["b", "a"]]);
    expect(folded.pages[0]?.items[1]?.state).toBe("closed");
  });

  it("takes in no alert that the filter leaves out", () => {
    const filter: AlertFilter = { state: "all", kind: "record_hit" };
    expect(matches(alert("a", 1), filter)).toBe(false);
    expect(ids(foldAlert(pagesOf([]), alert("a", 1), filter))).toEqual([[]]);
  });
});

describe("foldCamera", () => {
  const camera = (id: string, state: Camera["state"]): Camera => ({
    id,
    state,
    code: id,
    name: id,
    center_id: "c",
    center_name: "C",
    state_since_us: null,
    cause: null,
    health: { state: "unknown", since_us: null, cause: null, mend: null, until_us: null },
    streams: [],
  });

  it("replaces a known camera in its place and appends a new one", () => {
    const cameras = [camera("1", "recording"), camera("2", "recording")];
    expect(foldCamera(cameras, camera("1", "silent")).map(({ state }) => state)).toEqual(["silent", "recording"]);
    expect(foldCamera(cameras, camera("3", "connecting")).map(({ id }) => id)).toEqual(["1", "2", "3"]);
  });
});
