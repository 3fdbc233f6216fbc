import { ApiError, call } from "../api/client";
import type { MediaTicket, StreamName } from "../api/types";

export type Endpoints = { live: string; clip: string };

/** Footage to play back. An alert's own clip needs no reason; other footage does where the policy says so. */
export type WantedClip = {
  camera_id: string;
  stream: StreamName;
  start_us: number;
  end_us: number;
  alert_id?: string;
  reason?: string;
  case_number?: string;
};

const RENEW_AFTER_MS = 20_000;

/**
 * The session with the media server, which listens on a port of its own: leave for live pictures, and leave for each
 * clip. What the API gives leave for, it gives as a ticket that is exchanged for the media server's cookie.
 *
 * A browser hides why a WebSocket was refused, so a player that fails asks for a renewal; renewals asked for within 20 s
 * share one answer, or a wall of cameras would fetch a ticket each.
 */
export class MediaAccess {
  #endpoints: Promise<Endpoints> | null = null;
  #openedMs = -Infinity;
  /** One exchange after the other: two at once would each get a cookie, and the browser keeps one. */
  #exchanges: Promise<unknown> = Promise.resolve();

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** Leave for live pictures. */
  open(): Promise<Endpoints> {
    if (this.#endpoints === null) {
      this.#openedMs = this.nowMs();
      const asked: Promise<Endpoints> = this.#inTurn(() => exchange("/media-tickets")).catch((error: unknown) => {
        if (this.#endpoints === asked) this.#endpoints = null;
        throw error;
      });
      this.#endpoints = asked;
    }
    return this.#endpoints;
  }

  renew(): Promise<Endpoints> {
    if (this.nowMs() - this.#openedMs > RENEW_AFTER_MS) this.#endpoints = null;
    return this.open();
  }

  /** Leave for this clip, and its address. Rejects with an error that `isReasonNeeded` knows when more must be said. */
  async clip(wanted: WantedClip): Promise<string> {
    const endpoints = await this.#inTurn(() => exchange("/clip-tickets", wanted));
    return clipUrl(endpoints, wanted);
  }

  forget(): void {
    this.#endpoints = null;
    this.#openedMs = -Infinity;
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#exchanges.then(step);
    this.#exchanges = done.catch(() => undefined);
    return done;
  }
}

/** Whether the server asks for a reason or a case number before it gives leave. */
export const isReasonNeeded = (error: unknown): error is ApiError =>
  error instanceof ApiError && ["reason_required", "case_required", "case_malformed"].includes(error.kind);

async function exchange(path: string, body?: WantedClip): Promise<Endpoints> {
  const ticket = await call<MediaTicket>("POST", path, body);
  await redeem(ticket);
  return { live: webSocketUrl(ticket.live_url), clip: trimmed(ticket.clip_url) };
}

async function redeem({ ticket, session_url }: MediaTicket): Promise<void> {
  const response = await fetch(session_url, {
    method: "POST",
    credentials: "include",
    headers: { "Content-Type": "application/json", "X-Vedette": "1" },
    body: JSON.stringify({ ticket }),
  });
  if (!response.ok) throw new Error(`The media server refused the ticket: HTTP ${response.status}.`);
}

const trimmed = (url: string) => url.replace(/\/+$/, "");
export const webSocketUrl = (url: string) => trimmed(url).replace(/^http/, "ws");

export const liveUrl = ({ live }: Endpoints, cameraId: string, stream: StreamName) =>
  `${live}/${encodeURIComponent(cameraId)}/${stream}`;

export const clipUrl = (
  { clip }: Endpoints,
  footage: { camera_id: string; stream: StreamName; start_us: number; end_us: number },
) =>
  `${clip}/${encodeURIComponent(footage.camera_id)}/${footage.stream}.mp4` +
  `?start_us=${footage.start_us}&end_us=${footage.end_us}`;

export const mediaAccess = new MediaAccess();
