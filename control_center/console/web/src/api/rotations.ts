import { queryOptions } from "@tanstack/react-query";
import { call } from "./client";

const RUNNING_POLL_MS = 2_000;
/** Somebody may begin one elsewhere. */
const IDLE_POLL_MS = 15_000;
/** Ten thousand devices take the center a second to tell. */
const PAUSE_PER_DEVICE_MS = 1;
/** As the server has it. */
export const MOST_CAMERAS = 5_000;

const PATH = "/password-rotations";
export const rotationKey = ["password-rotation"] as const;

export const ROTATED_STATES = ["unknown", "pending", "rolled_back", "unchanged", "waiting", "done", "withdrawn"] as const;
export type RotatedState = (typeof ROTATED_STATES)[number];
export type EndReason = "first_stage_failed" | "too_many_failed" | "recorder_refused" | "stopped" | "crashed";
export type LeftOutReason =
  | "no_address"
  | "no_login"
  | "beyond_reach"
  | "logins_differ"
  | "shares_host"
  | "in_clear"
  | "not_settled";

export type RotatedDevice = {
  rotation_id: string;
  device: string;
  username: string;
  cameras: string[];
  camera_ids: string[];
  state: RotatedState;
  cause: string | null;
  changed_us: number;
};
export type Rotation = {
  running: boolean;
  stopping: boolean;
  ended: { reason: EndReason; what: string } | null;
  id: string | null;
  started_us: number | null;
  started_by: string | null;
  devices: RotatedDevice[];
};

export const rotationQuery = queryOptions({
  queryKey: rotationKey,
  queryFn: () => call<Rotation>("GET", PATH),
  staleTime: 0,
  refetchInterval: ({ state: { data } }) =>
    (data?.running ? RUNNING_POLL_MS : IDLE_POLL_MS) + (data?.devices.length ?? 0) * PAUSE_PER_DEVICE_MS,
});

export type RotationChoice = ({ center_id: string } | { camera_ids: string[] }) & { in_clear: boolean };
export type Stages = { canary: number; wave: number; max_failures: number };
export type PlannedDevice = { device: string; username: string; cameras: string[]; in_clear: boolean };
export type LeftOut = { place: string; reason: LeftOutReason; what: string; mend: string };
export type RotationPreview = { devices: PlannedDevice[]; left_out: LeftOut[] };

export const previewRotation = (choice: RotationChoice) => call<RotationPreview>("POST", `${PATH}/preview`, choice);
export const startRotation = (choice: RotationChoice, stages: Stages) =>
  call<Rotation>("POST", PATH, { ...choice, ...stages });
export const resumeRotation = () => call<Rotation>("POST", `${PATH}/resume`, {});
export const stopRotation = () => call<Rotation>("POST", `${PATH}/stop`);
