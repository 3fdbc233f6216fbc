import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LivePlayer, type LiveStatus, type Surroundings } from "./LivePlayer";

class FakeSocket extends EventTarget {
  binaryType = "blob";
  isClosed = false;
  constructor(readonly url: string) {
    super();
  }
  close() {
    this.isClosed = true;
  }
  say(data: unknown) {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }
}

class FakeSource extends EventTarget {
  readonly appended: number[] = [];
  readonly types: string[] = [];
  addSourceBuffer(mime: string) {
    this.types.push(mime);
    return {
      updating: false,
      buffered: { length: 0 },
      addEventListener: () => undefined,
      appendBuffer: (data: ArrayBuffer) => this.appended.push(data.byteLength),
      changeType: (next: string) => this.types.push(next),
    };
  }
}

const HEADER = JSON.stringify({ mime: 'video/mp4; codecs="avc1.64001f"', width: 640, height: 360 });

function setUp(isSupported = true) {
  const sockets: FakeSocket[] = [];
  const sources: FakeSource[] = [];
  const statuses: LiveStatus[] = [];
  const asked: boolean[] = [];
  const video = { currentTime: 0, src: "", play: () => Promise.resolve(), removeAttribute: vi.fn(), load: vi.fn() };
  const around: Surroundings = {
    address: async (stream, isRetry) => {
      asked.push(isRetry);
      return `ws://media/cam/${stream}`;
    },
    connect: (url) => {
      const socket = new FakeSocket(url);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    createSource: () => {
      const source = new FakeSource();
      sources.push(source);
      return source as unknown as MediaSource;
    },
    isSupported: () => isSupported,
    random: () => 0.5,
  };
  const player = new LivePlayer(video as unknown as HTMLVideoElement, "sub", (s) => statuses.push(s), around);
  return { player, sockets, sources, statuses, asked, video };
}

const kinds = (statuses: LiveStatus[]) => statuses.map(({ kind }) => kind);

describe("LivePlayer", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:x");
    vi.spyOn(URL, "revokeObjectURL").mockReturnValue(undefined);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it("plays what comes, also what came before the source was open", async () => {
    const { sockets, sources, statuses } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    sockets[0]?.say(HEADER);
    sockets[0]?.say(new ArrayBuffer(3));
    sources[0]?.dispatchEvent(new Event("sourceopen"));
    sockets[0]?.say(new ArrayBuffer(4));
    expect(sockets[0]?.url).toBe("ws://media/cam/sub");
    expect(sources[0]?.appended).toEqual([3, 4]);
    expect(kinds(statuses)).toEqual(["connecting", "playing"]);
  });

  it("changes the type when the stream's parameters change", async () => {
    const { sockets, sources } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    sockets[0]?.say(HEADER);
    sources[0]?.dispatchEvent(new Event("sourceopen"));
    sockets[0]?.say(JSON.stringify({ mime: "video/other", width: 1, height: 1 }));
    expect(sources).toHaveLength(1);
    expect(sources[0]?.types).toEqual(['video/mp4; codecs="avc1.64001f"', "video/other"]);
  });

  it("says so when the browser cannot play the stream, and stays closed", async () => {
    const { sockets, sources, statuses } = setUp(false);
    await vi.advanceTimersByTimeAsync(0);
    sockets[0]?.say(HEADER);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kinds(statuses)).toEqual(["connecting", "unsupported"]);
    expect(sockets[0]?.isClosed).toBe(true);
    expect(sources).toHaveLength(0);
    expect(sockets).toHaveLength(1);
  });

  it("comes back with growing pauses, asking for a new media session", async () => {
    const { sockets, asked } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    sockets[0]?.dispatchEvent(new Event("close"));
    await vi.advanceTimersByTimeAsync(999);
    expect(sockets).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets).toHaveLength(2);
    sockets[1]?.dispatchEvent(new Event("close"));
    await vi.advanceTimersByTimeAsync(1999);
    expect(sockets).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets).toHaveLength(3);
    expect(asked).toEqual([false, true, true]);
  });

  it("takes a mute connection for a broken one", async () => {
    const { sockets, statuses } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    sockets[0]?.say(HEADER);
    await vi.advanceTimersByTimeAsync(8_000);
    expect(kinds(statuses).at(-1)).toBe("retrying");
    expect(sockets[0]?.isClosed).toBe(true);
  });

  it("is quiet once closed", async () => {
    const { player, sockets, statuses, video } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    sockets[0]?.say(HEADER);
    player.close();
    sockets[0]?.say(new ArrayBuffer(1));
    sockets[0]?.dispatchEvent(new Event("close"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kinds(statuses)).toEqual(["connecting", "playing"]);
    expect(video.removeAttribute).toHaveBeenCalledWith("src");
    expect(sockets).toHaveLength(1);
  });
});
