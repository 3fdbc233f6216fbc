import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { CameraChange, CameraDetail, GivenCamera } from "./cameraColumns";
import { call, callFile, callTagged, query } from "./client";
import type { Page } from "./types";

const HISTORY_PAGE = 50;
/** As the server has it. */
export const MOST_OF_A_BATCH = 500;

const pathOf = (cameraId: string) => `/cameras/${encodeURIComponent(cameraId)}`;

export const registeringKeys = {
  camera: (id: string) => ["camera", id] as const,
  history: (id: string) => ["camera-history", id] as const,
  addresses: ["camera-addresses"] as const,
};

// One camera

export const cameraQuery = (id: string) =>
  queryOptions({
    queryKey: registeringKeys.camera(id),
    queryFn: () => callTagged<CameraDetail>("GET", pathOf(id)),
  });

export const addCamera = (camera: GivenCamera) => call<CameraDetail>("POST", "/cameras", camera);

/** `etag` names the version that the change was made from. */
export const changeCamera = (id: string, change: CameraChange, etag: string | null) =>
  callTagged<CameraDetail>("PATCH", pathOf(id), change, etag);

export type HistoryValue = string | number | boolean | null;
export type CameraHistoryEntry = {
  at_us: number;
  actor: string;
  action: string;
  reason: string | null;
  changes: Record<string, { from: HistoryValue; to: HistoryValue }>;
};

export const historyQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: registeringKeys.history(id),
    queryFn: ({ pageParam }) =>
      call<Page<CameraHistoryEntry>>("GET", `${pathOf(id)}/history?${query({ limit: HISTORY_PAGE, cursor: pageParam })}`),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

export const REPLACED_COLUMNS = [
  "maker",
  "model",
  "serial",
  "firmware",
  "mac",
  "main_url",
  "sub_url",
  "onvif_url",
] as const;
export type ReplacedColumn = (typeof REPLACED_COLUMNS)[number];

/** Another device under the same code. What went for the old one alone is forgotten unless it is named. */
export type Replacement = Partial<Record<ReplacedColumn | "username" | "password", string>> & { reason: string };

export const replaceDevice = (id: string, replacement: Replacement) =>
  call<void>("POST", `${pathOf(id)}/replacement`, replacement);

// Many cameras

export type ImportProblem = { row: number; column: string; what: string; mend: string };
export type ImportReport = {
  created: number;
  changed: number;
  unchanged: number;
  /** Rows. */
  refused: number;
  written: boolean;
  problems: ImportProblem[];
};
export type ImportMode = { dry_run: boolean; partial: boolean };

export const importFile = (file: Blob, { dry_run, partial }: ImportMode) =>
  call<ImportReport>("POST", `/cameras/import?${query({ dry_run: String(dry_run), partial: String(partial) })}`, file);

/** At most `MOST_OF_A_BATCH`; the rows of the report are places in the list, from 1. */
export const registerBatch = (cameras: GivenCamera[], mode: ImportMode) =>
  call<ImportReport>("POST", "/cameras/batch", { cameras, ...mode });

export const exportTable = () => callFile("/cameras/export");
export const importTemplate = () => callFile("/cameras/template");

// Devices on the network

/** Where a camera that is registered is reached. */
export type CameraAddress = {
  id: string;
  code: string;
  name: string;
  onvif_url: string | null;
  main_url: string | null;
};
export const addressesQuery = queryOptions({
  queryKey: registeringKeys.addresses,
  queryFn: () => call<{ items: CameraAddress[] }>("GET", "/cameras/addresses").then(({ items }) => items),
});

export type FoundDevice = { address: string; url: string; name: string; hardware: string; location: string };
export type WhereToLook =
  | { interfaces: string[]; seconds: number }
  | { range: string; port: number; rate: number };

export const discover = (where: WhereToLook) =>
  call<{ items: FoundDevice[] }>("POST", "/devices/discover", where).then(({ items }) => items);

export type DeviceProfile = {
  token: string;
  name: string;
  source: string | null;
  encoding: string | null;
  width: number;
  height: number;
  frame_rate: number | null;
  bit_rate_kbps: number | null;
};
export type DeviceStream = { profile: DeviceProfile; url: string };
export type DeviceChannel = { source: string | null; main: DeviceStream | null; sub: DeviceStream | null };
export type DeviceFinding = { kind: string; what: string; mend: string };
export type DeviceProbe = {
  host: string;
  url: string;
  information: { maker: string; model: string; firmware: string; serial: string; hardware: string };
  mac: string | null;
  channels: DeviceChannel[];
  findings: DeviceFinding[];
};
export type DeviceLogin = { username: string; password: string };

export const probeDevice = (host: string, login: DeviceLogin | null) =>
  call<DeviceProbe>("POST", "/devices/probe", { host, ...login });
