import { queryOptions } from "@tanstack/react-query";
import { call, query } from "./client";
import { type Camera, HEALTH_STATES, type HealthState } from "./types";

/** Unknown, too, where the server has a word that this console does not. */
export function healthOf({ health }: Pick<Camera, "health">): HealthState {
  return HEALTH_STATES.find((state) => state === health.state) ?? "unknown";
}

/** One cause for many cameras: a network that is gone, or a device with several channels. */
export type DeviceFault = {
  id: string;
  kind: "network" | "device";
  /** As 10.1.2.0/24; of a device its host. */
  network: string;
  cameras: number;
  since_us: number;
  cause: string;
  mend: string;
  camera_ids: string[];
};

export const healthKeys = {
  faults: ["faults"] as const,
  availability: ["availability"] as const,
};
const FAULTS_POLL_MS = 30_000;

export const faultsQuery = queryOptions({
  queryKey: healthKeys.faults,
  queryFn: () => call<{ items: DeviceFault[] }>("GET", "/devices/faults").then(({ items }) => items),
  refetchInterval: FAULTS_POLL_MS,
});

const pathOf = (cameraId: string) => `/cameras/${encodeURIComponent(cameraId)}`;

export const checkNow = (cameraId: string) => call<unknown>("POST", `${pathOf(cameraId)}/check`);

export const setMaintenance = (cameraId: string, maintenance: { until_us: number; reason: string }) =>
  call<unknown>("PUT", `${pathOf(cameraId)}/maintenance`, maintenance);

export const endMaintenance = (cameraId: string) => call<unknown>("DELETE", `${pathOf(cameraId)}/maintenance`);

export const PERIODS = ["7", "30"] as const;
export type Period = (typeof PERIODS)[number];

/** Shares from 0 to 1; null where nothing is known. */
export type CameraAvailability = {
  id: string;
  code: string;
  name: string;
  center_id: string;
  center_name: string;
  available: number | null;
  recorded: number | null;
};

export const availabilityQuery = (days: Period) =>
  queryOptions({
    queryKey: [...healthKeys.availability, days],
    queryFn: () =>
      call<{ items: CameraAvailability[] }>("GET", `/cameras/availability?${query({ days })}`).then(({ items }) => items),
  });
