import type { StreamName } from "../api/types";
import { Appender } from "./appender";

export type LiveStatus =
  | { kind: "connecting" }
  | { kind: "playing"; width: number; height: number }
  | { kind: "retrying"; seconds: number }
  | { kind: "unsupported"; mime: string };

/** What the player needs of its surroundings; tests give their own. */
export type Surroundings = {
  address: (stream: StreamName, isRetry: boolean) => Promise<string>;
  connect: (url: string) => WebSocket;
  createSource: () => MediaSource;
  isSupported: (mime: string) => boolean;
  random: () => number;
};

type Header = { mime: string; width: number; height: number };

const BACK_OFF_S = [1, 2, 4, 8, 15];
const SILENCE_MS = 8_000;

/** One live picture: a WebSocket read into Media Source Extensions, reconnected with back-off until closed. */
export class LivePlayer {
  #socket: WebSocket | null = null;
  #appender: Appender | null = null;
  #objectUrl: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What came before the browser opened the media source. */
  readonly #early: ((appender: Appender) => void)[] = [];
  #failures = 0;
  #isClosed = false;
  /** Raised on every new attempt, so that late answers to an old one are recognised. */
  #attempt = 0;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly stream: StreamName,
    private readonly onStatus: (status: LiveStatus) => void,
    private readonly around: Surroundings,
  ) {
    void this.#open();
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  async #open(): Promise<void> {
    const attempt = ++this.#attempt;
    this.onStatus({ kind: "connecting" });
    try {
      const url = await this.around.address(this.stream, this.#failures > 0);
      if (attempt !== this.#attempt || this.#isClosed) return;
      this.#listen(url, attempt);
    } catch {
      if (attempt === this.#attempt) this.#retry();
    }
  }

  #listen(url: string, attempt: number): void {
    const socket = this.around.connect(url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#watchSilence();
    socket.addEventListener("message", (event) => {
      if (attempt === this.#attempt) this.#receive(event.data as string | ArrayBuffer, attempt);
    });
    socket.addEventListener("close", () => {
      if (attempt === this.#attempt) this.#retry();
    });
  }

  #receive(data: string | ArrayBuffer, attempt: number): void {
    this.#watchSilence();
    if (typeof data === "string") this.#describe(JSON.parse(data) as Header, attempt);
    else if (this.#appender) this.#appender.append(data);
    else this.#early.push((appender) => appender.append(data));
  }

  #describe({ mime, width, height }: Header, attempt: number): void {
    if (!this.around.isSupported(mime)) {
      this.close();
      this.onStatus({ kind: "unsupported", mime });
      return;
    }
    this.#failures = 0;
    this.onStatus({ kind: "playing", width, height });
    if (this.#appender) this.#appender.changeType(mime);
    else if (this.#objectUrl !== null) this.#early.push((appender) => appender.changeType(mime));
    else this.#attach(mime, attempt);
  }

  #attach(mime: string, attempt: number): void {
    const source = this.around.createSource();
    source.addEventListener(
      "sourceopen",
      () => {
        if (attempt !== this.#attempt || this.#isClosed) return;
        const appender = new Appender(source.addSourceBuffer(mime), this.video, () => this.#retry());
        this.#appender = appender;
        for (const step of this.#early.splice(0)) step(appender);
      },
      { once: true },
    );
    this.#objectUrl = URL.createObjectURL(source);
    this.video.src = this.#objectUrl;
    void this.video.play().catch(() => undefined); // muted video may play; a pause by the browser is not a fault
  }

  #watchSilence(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#retry(), SILENCE_MS);
  }

  #retry(): void {
    if (this.#isClosed) return;
    this.#drop();
    const step = BACK_OFF_S[Math.min(this.#failures++, BACK_OFF_S.length - 1)] ?? 1;
    const seconds = step * (0.75 + this.around.random() / 2); // a wall of cameras does not come back all at once
    this.onStatus({ kind: "retrying", seconds });
    this.#timer = setTimeout(() => void this.#open(), seconds * 1000);
  }

  #drop(): void {
    this.#attempt++;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#socket = null;
    this.#appender?.stop();
    this.#appender = null;
    this.#early.length = 0;
    if (this.#objectUrl === null) return;
    URL.revokeObjectURL(this.#objectUrl);
    this.#objectUrl = null;
    this.video.removeAttribute("src");
    this.video.load();
  }
}
