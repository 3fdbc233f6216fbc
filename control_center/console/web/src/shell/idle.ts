/** The server hears of input at most this often. */
export const TELL_EVERY_MS = 60_000;

/**
 * How long nobody has touched the console, by times of one clock in milliseconds.
 *
 * Input that fell into a pause between two reports is told when the pause is over, so that the server never counts a
 * person as away who was here within the last minute.
 */
export class IdleWatch {
  #inputMs: number;
  #toldMs = -Infinity;
  #hasNews = false;

  constructor(
    nowMs: number,
    private readonly lockAfterMs: number,
  ) {
    this.#inputMs = nowMs;
  }

  input(nowMs: number): void {
    this.#inputMs = nowMs;
    this.#hasNews = true;
  }

  /** Input at another page of the same session: this one has nothing to tell of it. */
  inputElsewhere(nowMs: number): void {
    this.#inputMs = Math.max(this.#inputMs, nowMs);
  }

  isReportDue(nowMs: number): boolean {
    return this.#hasNews && nowMs - this.#toldMs >= TELL_EVERY_MS;
  }

  reported(nowMs: number): void {
    this.#toldMs = nowMs;
    this.#hasNews = false;
  }

  isOver(nowMs: number): boolean {
    return nowMs - this.#inputMs >= this.lockAfterMs;
  }
}

type Position = { screenX: number; screenY: number };

/** Browsers report the pointer as moved when the page moved under it; a person moves it over the screen. */
export function isRealMove(before: Position | null, now: Position): boolean {
  return before !== null && (before.screenX !== now.screenX || before.screenY !== now.screenY);
}
