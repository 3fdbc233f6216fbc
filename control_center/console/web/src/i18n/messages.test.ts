import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { en } from "./en";
import { zh } from "./zh";

type Tree = { [key: string]: string | Tree };

function leaves(tree: Tree, prefix = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[prefix + key, value] as [string, string]] : leaves(value, `${prefix}${key}.`),
  );
}

const english = new Map(leaves(en));
const chinese = new Map(leaves(zh));

const source = new URL("..", import.meta.url).pathname;
const files = readdirSync(source, { recursive: true, encoding: "utf8" });
const code = files
  .filter((name) => /(?<!\.test)\.tsx?$/.test(name))
  .map((name) => readFileSync(join(source, name), "utf8"))
  .join("\n");

describe("messages", () => {
  it("exist in both languages", () => {
    expect([...chinese.keys()]).toEqual([...english.keys()]);
  });

  it("take the same values in both languages", () => {
    const slots = (text: string) => (text.match(/\{\{\w+\}\}/g) ?? []).toSorted();
    for (const [key, text] of english) expect([key, slots(chinese.get(key) ?? "")]).toEqual([key, slots(text)]);
  });

  it("are translated, not copied", () => {
    const copied = [...english].filter(([key, text]) => text === chinese.get(key) && /[a-z]{3}/i.test(text));
    expect(copied.map(([key]) => key)).toEqual(["app.name"]);
  });

  it("are filled by every value that they take", () => {
    const asked = [...code.matchAll(/\bt\(\s*"([\w.]+)",\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}/g)];
    expect(asked.length).toBeGreaterThan(30);
    for (const [, key = "", body = ""] of asked) {
      const given = new Set([...body.matchAll(/(?:^|,|\n)\s*(\w+)(?=\s*[:,]|\s*$)/g)].map(([, name]) => name ?? ""));
      const text = english.get(key) ?? english.get(`${key}_other`) ?? "";
      const slots = new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? ""));
      expect([key, [...slots].filter((slot) => !given.has(slot))]).toEqual([key, []]);
    }
  });

  it("exist for every key the code names", () => {
    const named = [...code.matchAll(/\bt\("([\w.]+)"/g)].map(([, key]) => key ?? "");
    expect(named.length).toBeGreaterThan(80);
    expect(named.filter((key) => !english.has(key) && !english.has(`${key}_other`))).toEqual([]);
  });

  it("are all used", () => {
    const sections = [...code.matchAll(/`(\w+)\.(\w*)\$\{/g)].map(([, section, start]) => `${section}.${start}`);
    // The server's vocabularies.
    const open = ["field.", "agreement.", "ground.", "list.", "database.", "value.", "problem.", "action.", "look."];
    const isUsed = (key: string) =>
      code.includes(`"${key.replace(/_(one|other)$/, "")}"`) ||
      [...sections, ...open, "role.", "right."].some((prefix) => key.startsWith(prefix));
    expect([...english.keys()].filter((key) => !isUsed(key))).toEqual([]);
  });
});
