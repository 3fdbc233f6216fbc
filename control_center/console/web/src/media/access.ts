import { call } from "../api/client";
import type { MediaTicket, StreamName } from "../api/types";

export type Endpoints = { live: string; clip: string };

const RENEW_AFTER_MS = 20_000;

/**
 * The session with the media server, which listens on a port of its own.
 *
 * A browser hides why a WebSocket was refused, so a player that fails asks for a renewal; renewals asked for within 20 s
 * share one answer, or a wall of cameras would fetch a ticket each.
 */
export class MediaAccess {
  #endpoints: Promise<Endpoints> | null = null;
  #openedMs = -Infinity;

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  open(): Promise<Endpoints> {
    this.#endpoints ??= this.#exchange();
    return this.#endpoints;
  }

  renew(): Promise<Endpoints> {
    if (this.nowMs() - this.#openedMs > RENEW_AFTER_MS) this.#endpoints = null;
    return this.open();
  }

  forget(): void {
    this.#endpoints = null;
    this.#openedMs = -Infinity;
  }

  async #exchange(): Promise<Endpoints> {
    this.#openedMs = this.nowMs();
    try {
      const ticket = await call<MediaTicket>("POST", "/media-tickets");
      await redeem(ticket);
      return { live: webSocketUrl(ticket.live_url), clip: trimmed(ticket.clip_url) };
    } catch (error) {
      this.#endpoints = null;
      throw error;
    }
  }
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
