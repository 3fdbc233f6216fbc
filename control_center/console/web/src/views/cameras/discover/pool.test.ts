import { describe, expect, it } from "vitest";
import { ApiError } from "../../../api/client";
import { inPool, patiently } from "./pool";

describe("inPool", () => {
  it("does each once, and no more at once than it may", async () => {
    const done: number[] = [];
    let [now, most] = [0, 0];
    const work = async (item: number) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve));
      now -= 1;
      done.push(item);
    };
    await inPool([1, 2, 3, 4, 5, 6, 7], 3, work, new AbortController().signal);
    expect(done.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  it("begins nothing more once it is stopped", async () => {
    const stop = new AbortController();
    const done: number[] = [];
    const work = async (item: number) => {
      done.push(item);
      if (item === 2) stop.abort();
    };
    await inPool([1, 2, 3], 1, work, stop.signal);
    expect(done).toEqual([1, 2]);
  });
});

describe("patiently", () => {
  it("waits where too much is under way, and fails on all else", async () => {
    const answers = [new ApiError(429, {}, 7), new ApiError(429, {}, 1), new ApiError(502, {})];
    const waits: number[] = [];
    const ask = () => Promise.reject(answers.shift() ?? new Error("asked too often"));
    const wait = async (ms: number) => void waits.push(Math.round(ms / 1000));
    await expect(patiently(ask, wait)).rejects.toMatchObject({ status: 502 });
    expect(waits).toEqual([7, 1]);
  });
});
