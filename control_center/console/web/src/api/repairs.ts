import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call, callTagged, query } from "./client";
import type { Page } from "./types";

export type RepairState = "open" | "in_work" | "done" | "cancelled";
export type PictureKind = "photo" | "signature";
export type RepairStepName = "opened" | "assigned" | "noted" | "done" | "cancelled" | "reopened";

export type Repair = {
  id: string;
  version: number;
  state: RepairState;
  camera: { id: string; code: string; name: string };
  center_id: string;
  center_name: string;
  fault: string;
  /** A person or a firm. */
  assigned_to: string | null;
  opened_us: number;
  closed_us: number | null;
  /** What was done, or why nothing was. */
  work: string | null;
  accepted_by: string | null;
};
export type RepairStep = { at_us: number; actor: string; step: RepairStepName; text: string };
export type RepairPicture = { id: string; kind: PictureKind; media_type: string; added_us: number; added_by: string };
export type RepairDetail = Repair & { steps: RepairStep[]; pictures: RepairPicture[] };

/** `assign` names whom in `text`, `finish` what was done. */
export type RepairChange = {
  step: "assign" | "note" | "finish" | "cancel" | "reopen";
  text: string;
  accepted_by?: string;
};

/** As the server has it. */
export const MOST_PICTURES = 8;
export const LARGEST_PICTURE_BYTES = 2 << 20;
const PAGE = 200;

export const repairKeys = { all: ["repairs"] as const };

const pathOf = (ticketId: string) => `/repairs/${encodeURIComponent(ticketId)}`;

export type RepairFilter = { running: boolean; camera_id: string | null };
export const repairsQuery = ({ running, camera_id }: RepairFilter) =>
  infiniteQueryOptions({
    queryKey: [...repairKeys.all, "list", running, camera_id],
    queryFn: ({ pageParam }) =>
      call<Page<Repair>>(
        "GET",
        `/repairs?${query({ running: String(running), camera_id, limit: PAGE, cursor: pageParam })}`,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

/** The ticket of a camera that is not closed: there is one at most. */
export const runningQuery = (cameraId: string) =>
  queryOptions({
    queryKey: [...repairKeys.all, "running", cameraId],
    queryFn: () =>
      call<Page<Repair>>("GET", `/repairs?${query({ running: "true", camera_id: cameraId, limit: 1 })}`).then(
        ({ items }) => items[0] ?? null,
      ),
  });

export const repairQuery = (ticketId: string) =>
  queryOptions({
    queryKey: [...repairKeys.all, "one", ticketId],
    queryFn: () => call<RepairDetail>("GET", pathOf(ticketId)),
  });

export const openRepair = (repair: { camera_id: string; fault: string; assigned_to?: string }) =>
  call<RepairDetail>("POST", "/repairs", repair);

/** Refused where the ticket is no more what was shown. */
export const takeRepairStep = (ticket: Pick<Repair, "id" | "version">, change: RepairChange) =>
  callTagged<RepairDetail>("POST", `${pathOf(ticket.id)}/steps`, change, `"v${ticket.version}"`).then(
    ({ data }) => data,
  );

export const addRepairPicture = (ticketId: string, kind: PictureKind, picture: Blob) =>
  call<RepairDetail>("POST", `/repair-pictures?${query({ ticket_id: ticketId, kind })}`, picture);

export const pictureUrl = (ticketId: string, pictureId: string) =>
  `/api/v1${pathOf(ticketId)}/pictures/${encodeURIComponent(pictureId)}`;
