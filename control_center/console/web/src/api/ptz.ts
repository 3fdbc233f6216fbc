import { queryOptions } from "@tanstack/react-query";
import { call } from "./client";

/** Who steers a camera; `holder` is a user name, null: nobody. */
export type PtzControl = { holder: string | null; is_mine: boolean; since_us: number | null; expires_us: number | null };
export type PtzPreset = { token: string; name: string };
/** Speeds from -1 to 1: right, up and in are positive. */
export type PtzSpeed = { pan: number; tilt: number; zoom: number };

export const ptzKeys = {
  control: ["ptz-control"] as const,
  presets: (cameraId: string) => ["ptz-presets", cameraId] as const,
};

const pathOf = (cameraId: string) => `/cameras/${encodeURIComponent(cameraId)}/ptz`;
const PRESETS_STALE_MS = 300_000;

/** Asked of the device itself: a camera that does not turn has none, but an error. */
export const presetsQuery = (cameraId: string) =>
  queryOptions({
    queryKey: ptzKeys.presets(cameraId),
    queryFn: () => call<{ items: PtzPreset[] }>("GET", `${pathOf(cameraId)}/presets`).then(({ items }) => items),
    staleTime: PRESETS_STALE_MS,
  });

export const controlQuery = (cameraId: string) =>
  queryOptions({
    queryKey: [...ptzKeys.control, cameraId],
    queryFn: () => call<PtzControl>("GET", `${pathOf(cameraId)}/control`),
    // Nobody tells when control ends by itself.
    refetchInterval: ({ state: { data } }) => (data && data.expires_us !== null ? untilEnd(data.expires_us) : false),
  });

const untilEnd = (us: number) => Math.max(1_000, us / 1000 - Date.now() + 500);

export const takeControl = (cameraId: string) => call<PtzControl>("POST", `${pathOf(cameraId)}/control`, {});
export const giveUpControl = (cameraId: string) => call<void>("DELETE", `${pathOf(cameraId)}/control`);
export const move = (cameraId: string, speed: PtzSpeed, timeout_s: number) =>
  call<void>("POST", `${pathOf(cameraId)}/move`, { ...speed, timeout_s });
export const stop = (cameraId: string) => call<void>("POST", `${pathOf(cameraId)}/stop`);
export const goHome = (cameraId: string) => call<void>("POST", `${pathOf(cameraId)}/home`);
export const goToPreset = (cameraId: string, token: string) =>
  call<void>("POST", `${pathOf(cameraId)}/presets/${encodeURIComponent(token)}/go`);

/** A stop that outlives the page; nobody hears the answer. */
export function stopOnLeaving(cameraId: string): void {
  const headers = { "X-Vedette": "1" };
  void fetch(`/api/v1${pathOf(cameraId)}/stop`, { method: "POST", headers, credentials: "same-origin", keepalive: true })
    .catch(() => undefined);
}
