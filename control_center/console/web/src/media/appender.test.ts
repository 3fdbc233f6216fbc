import { describe, expect, it } from "vitest";
import { Appender, type Buffer } from "./appender";

/** A source buffer that notes what is asked of it; `settle` ends the operation under way. */
class FakeBuffer {
  updating = false;
  ranges: [number, number][] = [];
  readonly log: string[] = [];
  failWith: Error | null = null;
  readonly #listeners = new Map<string, () => void>();

  get buffered(): TimeRanges {
    const { ranges } = this;
    return { length: ranges.length, start: (i) => ranges[i]?.[0] ?? 0, end: (i) => ranges[i]?.[1] ?? 0 };
  }

  addEventListener(kind: string, listener: () => void) {
    this.#listeners.set(kind, listener);
  }

  appendBuffer(data: ArrayBuffer) {
    const error = this.failWith;
    this.failWith = null;
    if (error) throw error;
    this.#begin(`append ${data.byteLength}`);
  }

  remove(start: number, end: number) {
    this.#begin(`remove ${start}-${end}`);
  }

  changeType(mime: string) {
    if (this.updating) throw new DOMException("busy", "InvalidStateError");
    this.log.push(`type ${mime}`);
  }

  settle() {
    this.updating = false;
    this.#listeners.get("updateend")?.();
  }

  fail() {
    this.#listeners.get("error")?.();
  }

  #begin(what: string) {
    if (this.updating) throw new DOMException("busy", "InvalidStateError");
    this.updating = true;
    this.log.push(what);
  }
}

function setUp() {
  const buffer = new FakeBuffer();
  const playhead = { currentTime: 0 };
  const faults: string[] = [];
  const appender = new Appender(buffer as unknown as Buffer, playhead, (cause) => faults.push(cause));
  return { buffer, playhead, faults, appender };
}

describe("Appender", () => {
  it("appends in order, one at a time", () => {
    const { buffer, appender } = setUp();
    for (const size of [1, 2, 3]) appender.append(new ArrayBuffer(size));
    expect(buffer.log).toEqual(["append 1"]);
    buffer.settle();
    buffer.settle();
    expect(buffer.log).toEqual(["append 1", "append 2", "append 3"]);
  });

  it("changes the type between the data before it and the data after it", () => {
    const { buffer, appender } = setUp();
    appender.append(new ArrayBuffer(1));
    appender.changeType("video/new");
    appender.append(new ArrayBuffer(2));
    buffer.settle();
    expect(buffer.log).toEqual(["append 1", "type video/new", "append 2"]);
  });

  it("moves to the live edge and trims what is old before it goes on", () => {
    const { buffer, playhead, appender } = setUp();
    appender.append(new ArrayBuffer(1));
    appender.append(new ArrayBuffer(2));
    buffer.ranges = [[100, 120]];
    buffer.settle();
    expect(playhead.currentTime).toBeCloseTo(119.6);
    expect(buffer.log.at(-1)).toBe("remove 0-112");
    buffer.ranges = [[112, 120]];
    buffer.settle();
    expect(buffer.log.at(-1)).toBe("append 2");
  });

  it("makes room and tries again when the browser's quota is full", () => {
    const { buffer, playhead, faults, appender } = setUp();
    buffer.ranges = [[0, 9]];
    playhead.currentTime = 8;
    buffer.failWith = new DOMException("full", "QuotaExceededError");
    appender.append(new ArrayBuffer(7));
    expect(buffer.log).toEqual(["remove 0-7"]);
    buffer.settle();
    expect(buffer.log).toEqual(["remove 0-7", "append 7"]);
    expect(faults).toEqual([]);
  });

  it("gives up once when the data cannot be decoded, and appends no more", () => {
    const { buffer, faults, appender } = setUp();
    appender.append(new ArrayBuffer(1));
    buffer.fail();
    buffer.settle();
    appender.append(new ArrayBuffer(2));
    expect(faults).toEqual(["decode"]);
    expect(buffer.log).toEqual(["append 1"]);
  });

  it("gives up when it is fed faster than the browser takes", () => {
    const { faults, appender } = setUp();
    appender.append(new ArrayBuffer(1));
    for (let i = 0; i < 3; i++) appender.append(new ArrayBuffer(8 * 1024 * 1024));
    expect(faults).toEqual(["overrun"]);
  });

  it("does not touch a buffer that has left its media source", () => {
    const { buffer, appender } = setUp();
    appender.append(new ArrayBuffer(1));
    appender.stop();
    Object.defineProperty(buffer, "buffered", {
      get: () => {
        throw new DOMException("removed", "InvalidStateError");
      },
    });
    expect(() => buffer.settle()).not.toThrow();
  });
});
