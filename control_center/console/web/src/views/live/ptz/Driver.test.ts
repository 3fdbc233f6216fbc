import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Driver, MOVE_S } from "./Driver";

const RIGHT = { pan: 1, tilt: 0, zoom: 0 };
const LEFT = { pan: -1, tilt: 0, zoom: 0 };

/** A head whose commands wait until the test answers them. */
function makeHead() {
  const asked: string[] = [];
  const open: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const command = (name: string) => {
    asked.push(name);
    return new Promise<void>((resolve, reject) => open.push({ resolve, reject }));
  };
  const faults: unknown[] = [];
  const head = {
    move: ({ pan }: typeof RIGHT, timeoutS: number) => command(`move ${pan} for ${timeoutS}`),
    stop: () => command("stop"),
    stopOnLeaving: () => void asked.push("stop on leaving"),
    onFault: (error: unknown) => void faults.push(error),
  };
  const settle = async (error?: Error) => {
    const first = open.shift();
    if (error) first?.reject(error);
    else first?.resolve();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { head, asked, faults, settle, open };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a camera", () => {
  it("moves, is moved on while it is wanted, and stops", async () => {
    const { head, asked, settle } = makeHead();
    const driver = new Driver(head);
    driver.want(RIGHT);
    driver.want({ ...RIGHT });
    await settle();
    await vi.advanceTimersByTimeAsync(MOVE_S * 500);
    expect(asked).toEqual([`move 1 for ${MOVE_S}`, `move 1 for ${MOVE_S}`]);
    await settle();
    driver.want(null);
    await settle();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked.slice(2)).toEqual(["stop"]);
  });

  it("is stopped after the move that is under way, never before it", async () => {
    const { head, asked, settle, open } = makeHead();
    const driver = new Driver(head);
    driver.want(RIGHT);
    driver.want(null);
    expect([asked.length, open.length]).toEqual([1, 1]);
    await settle();
    expect(asked[1]).toBe("stop");
  });

  it("turns the other way without a stop between", async () => {
    const { head, asked, settle } = makeHead();
    const driver = new Driver(head);
    driver.want(RIGHT);
    driver.want(LEFT);
    await settle();
    expect(asked).toEqual([`move 1 for ${MOVE_S}`, `move -1 for ${MOVE_S}`]);
  });

  it("is told to stop again until it did, or has stopped by itself", async () => {
    const { head, asked, faults, settle } = makeHead();
    const driver = new Driver(head);
    driver.want(RIGHT);
    await settle();
    driver.want(null);
    await settle(new Error("busy"));
    expect(faults).toEqual([]);
    await vi.advanceTimersByTimeAsync(500);
    expect(asked.slice(1)).toEqual(["stop", "stop"]);
    await vi.advanceTimersByTimeAsync(MOVE_S * 1000);
    await settle(new Error("gone"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect([asked.length, faults.length]).toEqual([3, 1]);
  });

  it("is told to stop where a move failed, for it may have begun", async () => {
    const { head, asked, faults, settle } = makeHead();
    const driver = new Driver(head);
    driver.want(RIGHT);
    await settle(new Error("silent"));
    await settle();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([asked[1], asked.length, faults.length]).toEqual(["stop", 2, 1]);
    driver.want(RIGHT);
    expect(asked.length).toBe(3);
  });

  it("is moved on when a stop is overtaken by the next wish", async () => {
    const { head, asked, settle } = makeHead();
    const driver = new Driver(head);
    driver.want(RIGHT);
    await settle();
    driver.want(null);
    driver.want(LEFT);
    await settle();
    expect(asked.slice(1)).toEqual(["stop", `move -1 for ${MOVE_S}`]);
  });

  it("is stopped at once when the page goes, and again in turn where it stays", async () => {
    const { head, asked, settle } = makeHead();
    const driver = new Driver(head);
    driver.leave();
    expect(asked).toEqual([]);
    driver.want(RIGHT);
    driver.leave();
    expect(asked[1]).toBe("stop on leaving");
    await settle();
    expect(asked[2]).toBe("stop");
  });
});
