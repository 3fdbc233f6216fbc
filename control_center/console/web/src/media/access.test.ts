import { afterEach, describe, expect, it, vi } from "vitest";
import { clipUrl, liveUrl, MediaAccess, webSocketUrl } from "./access";

const TICKET = {
  ticket: "t",
  session_url: "http://media/media/session",
  live_url: "http://media/media/live/",
  clip_url: "http://media/media/clips",
  expires_us: 0,
};

function answering() {
  const asked: [string, RequestInit][] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    asked.push([url, init]);
    return url.startsWith("/api") ? Response.json(TICKET) : new Response(null, { status: 204 });
  });
  return asked;
}

describe("MediaAccess", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("exchanges a ticket for a session, once for all pictures", async () => {
    const asked = answering();
    const access = new MediaAccess(() => 0);
    const [one] = await Promise.all([access.open(), access.open(), access.renew()]);
    expect(asked.map(([url]) => url)).toEqual(["/api/v1/media-tickets", TICKET.session_url]);
    expect(asked[1]?.[1]).toMatchObject({ method: "POST", credentials: "include", body: '{"ticket":"t"}' });
    expect(liveUrl(one, "cam 1", "sub")).toBe("ws://media/media/live/cam%201/sub");
    expect(clipUrl(one, { camera_id: "c", stream: "main", start_us: 1, end_us: 2 })).toBe(
      "http://media/media/clips/c/main.mp4?start_us=1&end_us=2",
    );
  });

  it("renews when the last exchange is old enough", async () => {
    const asked = answering();
    let nowMs = 0;
    const access = new MediaAccess(() => nowMs);
    await access.open();
    nowMs = 19_000;
    await access.renew();
    expect(asked).toHaveLength(2);
    nowMs = 21_000;
    await access.renew();
    expect(asked).toHaveLength(4);
  });

  it("tries again after a failure", async () => {
    vi.stubGlobal("fetch", async () => new Response(null, { status: 503 }));
    const access = new MediaAccess(() => 0);
    await expect(access.open()).rejects.toThrow();
    answering();
    await expect(access.open()).resolves.toMatchObject({ clip: TICKET.clip_url });
  });

  it("keeps the security of the address", () => {
    expect(webSocketUrl("https://media/live")).toBe("wss://media/live");
    expect(webSocketUrl("wss://media/live/")).toBe("wss://media/live");
  });
});
