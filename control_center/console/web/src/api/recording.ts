import { queryOptions } from "@tanstack/react-query";
import { callTagged } from "./client";

export const TRANSPORTS = ["tcp", "udp"] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** How a camera is recorded. Null: no sound, any certificate, or what the center has. */
export type RecordingChoices = {
  transport: Transport;
  audio_purpose: string | null;
  retention_days: number | null;
  retention_bytes: number | null;
  tls_sha256: string | null;
};
export type CameraRecording = RecordingChoices & { center: { days: number; min_days: number; max_days: number } };
export type RecordingChange = Partial<RecordingChoices>;

const pathOf = (cameraId: string) => `/cameras/${encodeURIComponent(cameraId)}/recording`;

export const recordingKey = (cameraId: string) => ["recording", cameraId] as const;
export const recordingQuery = (cameraId: string) =>
  queryOptions({
    queryKey: recordingKey(cameraId),
    queryFn: () => callTagged<CameraRecording>("GET", pathOf(cameraId)),
  });

/** `etag` names the version that the change was made from. */
export const changeRecording = (cameraId: string, change: RecordingChange, etag: string | null) =>
  callTagged<CameraRecording>("PATCH", pathOf(cameraId), change, etag);
