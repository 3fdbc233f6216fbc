import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/client";
import { clipUrl, isReasonNeeded, liveUrl, MediaAccess, type WantedClip, webSocketUrl } from "./access";

const TICKET = {
  ticket: "t",
  session_url: "http://media/media/session",
  live_url: "http://media/media/live/",
  clip_url: "http://media/media/clips",
  expires_us: 0,
};
const CLIP: WantedClip = { camera_id: "c", stream: "main", start_us: 1, end_us: 2, alert_id: "a" };

function answering() {
  const asked: [string, RequestInit][] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    asked.push([url, init]);
    await new Promise((resolve) => setTimeout(resolve));
    return url.startsWith("/api") ? Response.json(TICKET) : new Response(null, { status: 204 });
  });
  return asked;
}

const refusing = (status: number, kind: string) =>
  vi.stubGlobal("fetch", async () => Response.json({ type: `urn:vedette:problem:${kind}`, example: "A1" }, { status }));

describe("MediaAccess", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("exchanges a ticket for leave to watch, once for all pictures", async () => {
    const asked = answering();
    const access = new MediaAccess(() => 0);
    const [one] = await Promise.all([access.open(), access.open(), access.renew()]);
    expect(asked.map(([url]) => url)).toEqual(["/api/v1/media-tickets", TICKET.session_url]);
    expect(asked[1]?.[1]).toMatchObject({ method: "POST", credentials: "include", body: '{"ticket":"t"}' });
    expect(liveUrl(one, "cam 1", "sub")).toBe("ws://media/media/live/cam%201/sub");
    expect(clipUrl(one, CLIP)).toBe("http://media/media/clips/c/main.mp4?start_us=1&end_us=2");
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

  it("asks for leave clip by clip, and tells why", async () => {
    const asked = answering();
    const access = new MediaAccess(() => 0);
    await expect(access.clip(CLIP)).resolves.toBe("http://media/media/clips/c/main.mp4?start_us=1&end_us=2");
    await access.clip({ ...CLIP, reason: "Complaint", case_number: "A1101" });
    expect(asked.map(([url]) => url)).toEqual([
      "/api/v1/clip-tickets",
      TICKET.session_url,
      "/api/v1/clip-tickets",
      TICKET.session_url,
    ]);
    expect(JSON.parse(asked[0]?.[1].body as string)).toEqual(CLIP);
    expect(JSON.parse(asked[2]?.[1].body as string)).toMatchObject({ reason: "Complaint", case_number: "A1101" });
  });

  it("hands in one ticket after the other, for the browser keeps one cookie", async () => {
    const asked = answering();
    const access = new MediaAccess(() => 0);
    await Promise.all([access.open(), access.clip(CLIP), access.clip(CLIP)]);
    expect(asked.map(([url]) => url.startsWith("/api"))).toEqual([true, false, true, false, true, false]);
  });

  it("goes on after a refusal", async () => {
    refusing(404, "not_found");
    const access = new MediaAccess(() => 0);
    const refused = access.clip(CLIP);
    await expect(refused).rejects.toMatchObject({ status: 404 });
    answering();
    await expect(access.clip(CLIP)).resolves.toContain("/main.mp4");
  });

  it("rejects with what the dialog for reasons knows", async () => {
    const access = new MediaAccess(() => 0);
    for (const kind of ["reason_required", "case_required", "case_malformed"]) {
      refusing(422, kind);
      const error: unknown = await access.clip(CLIP).catch((caught: unknown) => caught);
      expect(isReasonNeeded(error)).toBe(true);
      expect((error as ApiError).problem.example).toBe("A1");
    }
    expect(isReasonNeeded(new ApiError(422, { type: "urn:vedette:problem:invalid_input" }))).toBe(false);
    expect(isReasonNeeded(new Error("reason_required"))).toBe(false);
  });

  it("keeps the security of the address", () => {
    expect(webSocketUrl("https://media/live")).toBe("wss://media/live");
    expect(webSocketUrl("wss://media/live/")).toBe("wss://media/live");
  });
});
