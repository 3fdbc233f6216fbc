import { describe, expect, it } from "vitest";
import type { Candidate, Collection, LookedUp } from "../../api/lookUps";
import { coverageOf, verdictOf } from "./coverage";
import { EMPTY, enteredOf, faultFor, faultsOf } from "./draft";
import { byLikeliness } from "./likeliness";
import { plateOf, subjectOf } from "./subjectOf";

const draft = (part: Partial<typeof EMPTY>) => ({ ...EMPTY, ...part });

describe("what is sent", () => {
  it("is what says something, without the blanks around it", () => {
    expect(enteredOf("record", draft({ name: " 李晓明 ", sex: "", phone: "  " }))).toEqual({ name: "李晓明" });
  });

  it("has a height as a number, whichever digits it is written in", () => {
    expect(enteredOf("record", draft({ height_cm: "１７２" }))).toEqual({ height_cm: 172 });
  });

  it("is of the mode alone", () => {
    const both = draft({ name: "李晓明", plate: "京A12345", plate_colour: "blue" });
    expect(enteredOf("plate", both)).toEqual({ plate: "京A12345", plate_colour: "blue" });
  });
});

describe("what is refused", () => {
  it("before the server is asked: nothing at all, no plate, a height that is no number", () => {
    expect(faultsOf("record", {})).toEqual({ "": "nothing" });
    expect(faultsOf("plate", { plate_colour: "blue" })).toEqual({ plate: "needed" });
    expect(faultsOf("record", { height_cm: Number.NaN })).toEqual({ height_cm: "height_cm" });
    expect(faultsOf("record", { name: "李晓明", height_cm: 172 })).toEqual({});
  });

  it("by the server: a name that is none, told from no name at all", () => {
    expect(faultFor("surname", { surname: "123" })).toBe("name");
    expect(faultFor("name", { sex: "F" })).toBe("nothing");
    expect(faultFor("vin", { vin: "X" })).toBe("vin");
    expect(faultFor("limit", {})).toBeNull();
  });
});

describe("coverage", () => {
  const collection = (name: string, is_comparable = true): Collection => ({ kind: "list", name, is_comparable });
  const found = (part: Partial<LookedUp>): LookedUp => ({
    id: "1",
    read_as: [],
    candidates: [],
    found: 0,
    crowded: [],
    is_current: true,
    collections: [collection("wanted"), collection("missing"), collection("judicial", false)],
    ...part,
  });
  const wanted = { kind: "list", collection: "wanted" } as Candidate;
  const names = (collections: Collection[]) => collections.map(({ name }) => name);

  it("tells what was compared without result from what could not be", () => {
    const { compared, notComparable, isTold } = coverageOf(found({ candidates: [wanted], found: 1 }));
    expect([names(compared), names(notComparable), isTold]).toEqual([["missing"], ["judicial"], true]);
  });

  it("says of nothing that nothing was found where not all is in sight", () => {
    for (const part of [{ found: 7 }, { found: 1, crowded: ["name"] }]) {
      const { compared, isTold } = coverageOf(found({ candidates: [wanted], ...part }));
      expect([names(compared), isTold]).toEqual([["wanted", "missing"], false]);
    }
  });

  it("does not take a list for the database of the same name", () => {
    const database = { kind: "database", collection: "wanted" } as Candidate;
    expect(names(coverageOf(found({ candidates: [database], found: 1 })).compared)).toEqual(["wanted", "missing"]);
  });
});

it("calls nothing found what was compared, and nothing else", () => {
  const wanted: Collection = { kind: "list", name: "wanted", is_comparable: true };
  const vehicles: Collection = { kind: "database", name: "stolen_vehicles", is_comparable: false };
  expect(verdictOf({ collections: [wanted, vehicles], crowded: [] })).toBe("none");
  expect(verdictOf({ collections: [vehicles], crowded: [] })).toBe("incomparable");
  expect(verdictOf({ collections: [wanted], crowded: ["name"] })).toBe("crowded");
  expect(verdictOf({ collections: [], crowded: [] })).toBe("none");
});

it("groups candidates in the order of their likeliness", () => {
  const candidate = (id: string, is_lead: boolean, probability: number) => ({ id, is_lead, probability }) as Candidate;
  const all = [candidate("a", true, 0.97), candidate("b", false, 0.3), candidate("c", false, 0.00009)];
  expect(byLikeliness(all).map(([name, [first]]) => [name, first?.id])).toEqual([
    ["leads", "a"],
    ["others", "b"],
    ["hardly", "c"],
  ]);
  expect(byLikeliness(all.slice(1, 2)).map(([name]) => name)).toEqual(["others"]);
});

describe("the subject of a record", () => {
  const of = (record: Record<string, unknown>) => ({ record, record_id: "R-1" });

  it("is a name, whole or in parts, else a number, else its identifier", () => {
    expect(subjectOf(of({ name: "李晓明", surname: "李" }))).toBe("李晓明");
    expect(subjectOf(of({ surname: "欧阳", given_name: "建国" }))).toBe("欧阳建国");
    expect(subjectOf(of({ surname: "Berger", given_name: "Anna" }))).toBe("Berger Anna");
    expect(subjectOf(of({ document_number: "EJ-0815" }))).toBe("EJ-0815");
    expect(subjectOf(of({}))).toBe("R-1");
  });

  it("is a plate only where nobody is named", () => {
    expect(plateOf(of({ plate: "京A12345" }))).toBe("京A12345");
    expect(plateOf(of({ plate: "京A12345", name: "李晓明" }))).toBeNull();
  });
});
