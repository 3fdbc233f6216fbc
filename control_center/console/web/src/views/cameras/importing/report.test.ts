import { describe, expect, it } from "vitest";
import { joined, fileFault, goodRows, problemTable, typeOf } from "./report";

const REPORT = { created: 2, changed: 1, unchanged: 4, refused: 1, written: true, problems: [] };
const PROBLEM = { row: 3, column: "name", what: "=1+1, or so", mend: "Mend it." };

describe("a file", () => {
  it.each([
    ["cameras.csv", 10, null],
    ["Cameras.XLSX", 10, null],
    ["frigate.yml", 10, null],
    ["cameras.pdf", 10, "kind"],
    ["cameras.csv", 0, "empty"],
    ["cameras.csv", 65 * 2 ** 20, "large"],
  ])("%s of %i bytes: %s", (name, size, fault) => {
    expect(fileFault({ name, size })).toBe(fault);
  });

  it("is sent as what its name says", () => {
    expect([typeOf("a.CSV"), typeOf("a.b.yaml"), typeOf("odd")]).toEqual([
      "text/csv",
      "application/octet-stream",
      "application/octet-stream",
    ]);
  });
});

describe("a report", () => {
  it("counts the rows that are good", () => {
    expect(goodRows(REPORT)).toBe(7);
  });

  it("is saved as a table that runs no formula", () => {
    expect(problemTable([PROBLEM])).toBe('\uFEFFrow,column,what,mend\r\n3,name,"\'=1+1, or so",Mend it.\r\n');
  });

  it("joins those of several lists, with the rows of the whole", () => {
    const second = { ...REPORT, written: false, problems: [PROBLEM] };
    expect(joined([REPORT, second], 500)).toEqual({
      created: 4,
      changed: 2,
      unchanged: 8,
      refused: 2,
      written: false,
      problems: [{ ...PROBLEM, row: 503 }],
    });
  });
});
