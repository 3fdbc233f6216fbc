import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("base.css", import.meta.url), "utf8");

function colours(selector: string): Map<string, string> {
  const block = css.slice(css.indexOf(selector)).split("}")[0] ?? "";
  return new Map([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = "", value = ""]) => [name, value]));
}

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const TEXT = ["text", "text-soft", "text-quiet", "accent", "high", "medium", "low", "good", "bad"];

describe.each([":root {", '[data-theme="light"] {'])("%s", (selector) => {
  const of = colours(selector);
  const between = (one: string, other: string) => contrast(of.get(one) ?? "#000000", of.get(other) ?? "#000000");

  it.each(TEXT)("%s can be read on every ground (AA)", (text) => {
    for (const ground of ["ground", "panel", "raised", "accent-ground"]) {
      expect([ground, between(text, ground)]).toEqual([ground, expect.toSatisfy((ratio: number) => ratio >= 4.5)]);
    }
  });

  it("a button's words can be read on it, and its edge be seen", () => {
    expect(between("on-accent", "primary")).toBeGreaterThanOrEqual(4.5);
    expect(between("line-strong", "panel")).toBeGreaterThanOrEqual(3);
  });
});
