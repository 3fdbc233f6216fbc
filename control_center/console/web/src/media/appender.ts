import { rangesOf, steer } from "./steering";

type Step = { mime: string } | { data: ArrayBuffer };

const MAX_QUEUED_BYTES = 16 * 1024 * 1024;

/** What the appender needs of a SourceBuffer; tests give it one made by hand. */
export type Buffer = Pick<
  SourceBuffer,
  "updating" | "buffered" | "appendBuffer" | "remove" | "changeType" | "addEventListener"
>;
export type Playhead = Pick<HTMLMediaElement, "currentTime">;

/**
 * Feeds one SourceBuffer in order, one operation at a time, and keeps the picture at the live edge.
 *
 * `onFault` is called once when the buffer cannot go on: the page was starved of time, or the data cannot be decoded.
 */
export class Appender {
  readonly #queue: Step[] = [];
  #queuedBytes = 0;
  #isStopped = false;

  constructor(
    private readonly buffer: Buffer,
    private readonly playhead: Playhead,
    private readonly onFault: (cause: string) => void,
  ) {
    buffer.addEventListener("updateend", () => this.#settle());
    buffer.addEventListener("error", () => this.#fail("decode"));
  }

  changeType(mime: string): void {
    this.#queue.push({ mime });
    this.#next();
  }

  append(data: ArrayBuffer): void {
    this.#queue.push({ data });
    this.#queuedBytes += data.byteLength;
    if (this.#queuedBytes > MAX_QUEUED_BYTES) this.#fail("overrun");
    else this.#next();
  }

  /** The buffer is about to leave its media source; it must not be read after that. */
  stop(): void {
    this.#isStopped = true;
    this.#queue.length = 0;
  }

  #settle(): void {
    if (this.#isStopped) return;
    const { seekTo, removeTo } = steer(rangesOf(this.buffer.buffered), this.playhead.currentTime);
    if (seekTo !== null) this.playhead.currentTime = seekTo;
    if (removeTo !== null && !this.buffer.updating) this.buffer.remove(0, removeTo);
    this.#next();
  }

  #next(): void {
    if (this.#isStopped || this.buffer.updating) return;
    const step = this.#queue.shift();
    if (!step) return;
    try {
      if ("mime" in step) this.#switch(step.mime);
      else this.#feed(step.data);
    } catch (error) {
      if (!this.#makeRoom(error, step)) this.#fail(error instanceof Error ? error.name : "append");
    }
  }

  #switch(mime: string): void {
    this.buffer.changeType(mime);
    this.#next();
  }

  #feed(data: ArrayBuffer): void {
    this.buffer.appendBuffer(data);
    this.#queuedBytes -= data.byteLength;
  }

  /** The browser's own quota is full: drop all that has been seen, then try the same step again. */
  #makeRoom(error: unknown, step: Step): boolean {
    const seen = this.playhead.currentTime - 1;
    const first = rangesOf(this.buffer.buffered).at(0);
    const isQuota = error instanceof DOMException && error.name === "QuotaExceededError";
    if (!isQuota || !first || seen <= first.start) return false;
    this.#queue.unshift(step);
    this.buffer.remove(0, seen);
    return true;
  }

  #fail(cause: string): void {
    if (this.#isStopped) return;
    this.stop();
    this.onFault(cause);
  }
}
