import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { call, callTagged, query } from "./client";
import type { Reason } from "./identityTypes";
import type { Page } from "./types";

export const LOCK_STATES = ["requested", "held", "released"] as const;
export type LockState = (typeof LOCK_STATES)[number];

/** What the center's disks hold of a span. `is_whole` is false where a disk did not answer. */
export type Recorded = { bytes: number; covered_us: number; spans: [number, number][]; is_whole: boolean };
export type Span = { start_us: number; end_us: number };

export type EvidenceLock = Span & {
  id: string;
  version: number;
  state: LockState;
  camera: { id: string; code: string; name: string };
  center_id: string;
  center_name: string;
  reason: string;
  case_number: string | null;
  locked_us: number;
  locked_by: string;
  held_us: number | null;
  released_us: number | null;
  released_by: string | null;
  release_reason: string | null;
  release_case_number: string | null;
  /** Null: the footage lies on another machine. */
  recorded: Recorded | null;
};

export type LockedSpan = Span & { id: string; state: LockState };
export type CameraFootage = Span & { camera_id: string; recorded: Recorded | null; locks: LockedSpan[] };

const PAGE = 50;
const id = encodeURIComponent;

export const evidenceKeys = { locks: ["evidence"] as const, footage: ["footage"] as const };

export type LockFilter = { state: LockState | "in_force" | "all"; case_number: string };
export const locksQuery = (filter: LockFilter) =>
  infiniteQueryOptions({
    queryKey: [...evidenceKeys.locks, filter],
    queryFn: ({ pageParam }) =>
      call<Page<EvidenceLock>>(
        "GET",
        `/evidence-locks?${query({
          state: filter.state === "all" ? null : filter.state,
          case_number: filter.case_number.trim(),
          limit: PAGE,
          cursor: pageParam,
        })}`,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: keepPreviousData, // while the next letter of a case number is looked up
  });

/** What is recorded and locked of a camera within a window. */
export const footageQuery = (cameraId: string, { start_us, end_us }: Span) =>
  queryOptions({
    queryKey: [...evidenceKeys.footage, cameraId, start_us, end_us],
    queryFn: () => call<CameraFootage>("GET", `/cameras/${id(cameraId)}/footage?${query({ start_us, end_us })}`),
  });

/** A case number that is empty is none. */
const why = ({ reason, case_number }: Reason) => ({ reason, ...(case_number === "" ? {} : { case_number }) });
const tag = ({ version }: EvidenceLock) => `"v${version}"`;

export const lockFootage = (camera_id: string, span: Span, reason: Reason) =>
  call<EvidenceLock>("POST", "/evidence-locks", { camera_id, ...span, ...why(reason) });
export const extendLock = (lock: EvidenceLock, span: Span, reason: Reason) =>
  callTagged<EvidenceLock>("PATCH", `/evidence-locks/${id(lock.id)}`, { ...span, ...why(reason) }, tag(lock));
export const releaseLock = (lock: EvidenceLock, reason: Reason) =>
  callTagged<EvidenceLock>("POST", `/evidence-locks/${id(lock.id)}/release`, why(reason), tag(lock));
