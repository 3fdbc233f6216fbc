import { ApiError } from "../../api/client";
import type { CameraRecording, RecordingChange, RecordingChoices, Transport } from "../../api/recording";

/** What stands in the form's fields. Empty: what the center has, no limit, no sound, any certificate. */
export type Draft = { transport: Transport; audio_purpose: string; retention_days: string; retention_gb: string; tls_sha256: string };
export type Field = keyof RecordingChoices;

const BYTES_PER_GB = 1e9;
/** As the server has it. */
const LEAST_BYTES = 1 << 20;
/** A petabyte a camera is a slip of the finger. */
const MOST_GB = 1e6;

const written = (value: number | null) => (value === null ? "" : String(value));

export const draftOf = (recording: RecordingChoices): Draft => ({
  transport: recording.transport,
  audio_purpose: recording.audio_purpose ?? "",
  retention_days: written(recording.retention_days),
  retention_gb: written(recording.retention_bytes === null ? null : recording.retention_bytes / BYTES_PER_GB),
  tls_sha256: recording.tls_sha256 ?? "",
});

const numberOf = (text: string) => (text.trim() === "" ? null : Number(text.trim().replace(",", ".")));
const textOf = (text: string) => text.trim() || null;
/** OpenSSL writes fingerprints in pairs of capitals. */
const fingerprint = (text: string) => text.replaceAll(/[\s:]/g, "").toLowerCase();

/** What is wrong and can be told before the server is asked, by field. */
export function faultsOf(draft: Draft, { center }: CameraRecording): Partial<Record<Field, "days" | "size" | "pin">> {
  const days = numberOf(draft.retention_days);
  const gb = numberOf(draft.retention_gb);
  const pin = fingerprint(draft.tls_sha256);
  return {
    ...(days === null || (days > 0 && days >= center.min_days && days <= center.max_days) ? {} : { retention_days: "days" }),
    ...(gb === null || (gb * BYTES_PER_GB >= LEAST_BYTES && gb <= MOST_GB) ? {} : { retention_bytes: "size" }),
    ...(pin === "" || /^[0-9a-f]{64}$/.test(pin) ? {} : { tls_sha256: "pin" }),
  };
}

/** What differs from what is in force, as the server takes it. */
export function changeOf(draft: Draft, recording: RecordingChoices): RecordingChange {
  const gb = numberOf(draft.retention_gb);
  const wanted: RecordingChoices = {
    transport: draft.transport,
    audio_purpose: textOf(draft.audio_purpose),
    retention_days: numberOf(draft.retention_days),
    retention_bytes: gb === null ? null : Math.round(gb * BYTES_PER_GB),
    tls_sha256: fingerprint(draft.tls_sha256) || null,
  };
  const names = Object.keys(wanted) as Field[];
  return Object.fromEntries(names.filter((name) => wanted[name] !== recording[name]).map((name) => [name, wanted[name]]));
}

/** The change that takes another one back. */
export const undoing = (change: RecordingChange, before: RecordingChoices): RecordingChange =>
  Object.fromEntries((Object.keys(change) as Field[]).map((name) => [name, before[name]]));

/** The field that the server refused, where it names one: `camera C-1, retention_days`. */
export function refusedField(error: unknown): Field | null {
  if (!(error instanceof ApiError) || error.status !== 422) return null;
  const name = /(\w+)$/.exec(error.problem.where ?? "")?.[1];
  return FIELDS.find((field) => field === name) ?? null;
}

const FIELDS: readonly Field[] = ["transport", "audio_purpose", "retention_days", "retention_bytes", "tls_sha256"];
