import { describe, expect, it } from "vitest";
import { share, size } from "./size";

describe("what disks hold", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1 kB"],
    [252_345_678, "252 MB"],
    [1_234_000_000_000, "1.23 TB"],
    [4e15, "4000 TB"],
  ])("of %d bytes reads %s", (bytes, text) => {
    expect(size(bytes)).toBe(text);
  });

  it.each([
    [0, "0 %"],
    [0.0001, "< 1 %"],
    [0.765, "76 %"],
    [0.9999, "99 %"],
    [1, "100 %"],
  ])("as a share of %d reads %s", (part, text) => {
    expect(share(part)).toBe(text);
  });
});
