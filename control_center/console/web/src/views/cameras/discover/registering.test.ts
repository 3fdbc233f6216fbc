import { expect, it } from "vitest";
import type { ImportReport } from "../../../api/registering";
import { registerAll } from "./registering";

const CAMERAS = Array.from({ length: 1201 }, (_, n) => ({ code: `C-${n}` }));
const report = (n: number, written: boolean): ImportReport => ({
  created: n,
  changed: 0,
  unchanged: 0,
  refused: 0,
  written,
  problems: [],
});

it("sends many cameras in several lists", async () => {
  const sent: number[] = [];
  const all = await registerAll(CAMERAS, true, async ({ length }) => (sent.push(length), report(length, false)));
  expect(sent).toEqual([500, 500, 201]);
  expect(all.created).toBe(1201);
});

it("ends at a list that was not written, and counts nothing of it", async () => {
  let calls = 0;
  const all = await registerAll(CAMERAS, false, async ({ length }) => report(length, ++calls === 1));
  expect([calls, all.created, all.written]).toEqual([2, 500, false]);
});
