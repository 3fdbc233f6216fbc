import { describe, expect, it } from "vitest";
import type { Center } from "../api/identityTypes";
import { asTree, matching } from "./centers";

const center = (id: string, parent_id: string | null, name = id): Center => ({
  id,
  parent_id,
  name,
  code: `code-${id}`,
  level: "station",
});
const CENTERS = [
  center("s1", "county", "望京派出所"),
  center("city", null, "Model City"),
  center("county", "city"),
  center("s2", "county", "Riverside"),
  center("apart", "elsewhere"),
];

describe("the tree of centers", () => {
  it("puts each below its parent, and what has none in sight at the root", () => {
    expect(asTree(CENTERS).map(({ id, depth }) => [id, depth])).toEqual([
      ["city", 0],
      ["county", 1],
      ["s1", 2],
      ["s2", 2],
      ["apart", 0],
    ]);
  });

  it("narrows by name or code and keeps the way to what it finds", () => {
    const found = (text: string) => matching(asTree(CENTERS), text).map(({ id }) => id);
    expect(found("river")).toEqual(["city", "county", "s2"]);
    expect(found("望京")).toEqual(["city", "county", "s1"]);
    expect(found("CODE-APART")).toEqual(["apart"]);
    expect(found("nowhere")).toEqual([]);
    expect(found(" ")).toHaveLength(5);
    expect(matching(asTree(CENTERS), "river").filter(({ isMatch }) => isMatch).map(({ id }) => id)).toEqual(["s2"]);
  });
});
