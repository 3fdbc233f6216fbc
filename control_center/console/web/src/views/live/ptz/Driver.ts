import type { PtzSpeed } from "../../../api/ptz";
import { isSame } from "./motion";

/** The device stops by itself after this: where the console, its machine or the network dies, that is the stop. */
export const MOVE_S = 2;
const RENEW_MS = 800;
const STOP_AGAIN_MS = 300;

export type Head = {
  move: (speed: PtzSpeed, timeoutS: number) => Promise<unknown>;
  stop: () => Promise<unknown>;
  /** Leaves at once, whatever else is under way, and outlives the page. */
  stopOnLeaving: () => void;
  onFault: (error: unknown) => void;
};

/**
 * Moves a camera as long as somebody wants it, and stops it after that.
 *
 * One command is under way at a time, so that a stop never overtakes the move before it. A move that goes on is renewed;
 * a stop that fails is sent again until the device has stopped by itself.
 */
export class Driver {
  #wanted: PtzSpeed | null = null;
  /** What the device was last told; it stops by itself at `#runsUntilMs`. */
  #told: PtzSpeed | null = null;
  #runsUntilMs = 0;
  #isBusy = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly head: Head) {}

  /** Null: stop. */
  want(speed: PtzSpeed | null): void {
    if (isSame(speed, this.#wanted)) return;
    this.#wanted = speed;
    this.#go();
  }

  /** The page goes: there is no time to wait for what is under way. */
  leave(): void {
    const runs = this.#wanted !== null || this.#told !== null;
    this.#wanted = null;
    if (runs) this.head.stopOnLeaving();
    this.#go(); // where the page stays after all, once more in its turn
  }

  #go(): void {
    if (this.#isBusy) return;
    clearTimeout(this.#timer);
    if (this.#wanted !== null) void this.#move(this.#wanted);
    else if (this.#told !== null) void this.#stop();
  }

  async #move(speed: PtzSpeed): Promise<void> {
    this.#isBusy = true;
    this.#told = speed;
    this.#runsUntilMs = Infinity;
    try {
      await this.head.move(speed, MOVE_S);
    } catch (error) {
      // Whether it moves is not known. It is told to stop, and moves again when it is asked anew.
      if (isSame(this.#wanted, speed)) this.#wanted = null;
      this.head.onFault(error);
    }
    this.#runsUntilMs = Date.now() + MOVE_S * 1000;
    this.#isBusy = false;
    if (isSame(this.#wanted, speed)) this.#timer = setTimeout(() => this.#go(), RENEW_MS);
    else this.#go();
  }

  async #stop(): Promise<void> {
    this.#isBusy = true;
    let isStopped = true;
    try {
      await this.head.stop();
    } catch (error) {
      isStopped = Date.now() >= this.#runsUntilMs;
      if (isStopped) this.head.onFault(error);
    }
    this.#isBusy = false;
    if (isStopped) this.#told = null;
    if (isStopped || this.#wanted !== null) this.#go();
    else this.#timer = setTimeout(() => this.#go(), STOP_AGAIN_MS);
  }
}
