import {
  type CameraChange,
  type CameraColumns,
  type CameraDetail,
  NUMBER_COLUMNS,
  type NumberColumn,
  TEXT_COLUMNS,
  type TextColumn,
} from "../../../api/cameraColumns";

export type Column = TextColumn | NumberColumn;
export type Datum = "wgs84" | "gcj02";
export const DATUMS = ["wgs84", "gcj02"] as const;

export type GroupName = "what" | "where" | "reach" | "people" | "purpose";
/** In the order of the form; the login is a group of its own. */
export const GROUPS: readonly (readonly [GroupName, readonly Column[]])[] = [
  ["what", ["name", "maker", "model", "type", "serial", "firmware", "mac", "gb28181_id"]],
  ["where", ["latitude", "longitude", "address", "watched_area", "height_m", "azimuth_deg", "tilt_deg", "fov_deg", "range_m"]],
  ["reach", ["main_url", "sub_url", "onvif_url"]],
  ["people", ["owner", "managing_unit", "contact", "installed_on"]],
  ["purpose", ["purpose", "purpose_review_on", "sign_evidence"]],
];

/** What stands in the form's fields; empty clears. An empty password keeps the one that is registered. */
export type Draft = Record<Column | "username" | "password", string> & { disabled: boolean; datum: Datum };
export type DraftField = keyof Draft;

const isNumber = (column: Column): column is NumberColumn => (NUMBER_COLUMNS as readonly string[]).includes(column);
const COLUMNS: readonly Column[] = [...TEXT_COLUMNS, ...NUMBER_COLUMNS];
/** Without these there is no camera. */
export const NEEDED: readonly Column[] = ["name", "main_url"];

export function draftOf(camera: CameraDetail | null): Draft {
  const texts = COLUMNS.map((column) => [column, String(camera?.[column] ?? "")]);
  return {
    ...(Object.fromEntries(texts) as Record<Column, string>),
    username: camera?.username ?? "",
    password: "",
    disabled: camera?.disabled ?? false,
    datum: "wgs84",
  };
}

const numberOf = (text: string) => Number(text.trim().replace(",", "."));

export type DraftFault = "needed" | "number" | "user" | "half";

/** What is wrong and can be told before the server is asked, by field. */
export function faultsOf(draft: Draft): Partial<Record<DraftField, DraftFault>> {
  const faults: Partial<Record<DraftField, DraftFault>> = {};
  for (const column of NEEDED) if (draft[column].trim() === "") faults[column] = "needed";
  for (const column of NUMBER_COLUMNS) if (!Number.isFinite(numberOf(draft[column]))) faults[column] = "number";
  if (draft.password !== "" && draft.username.trim() === "") faults.username = "user";
  if (draft.latitude.trim() === "" && draft.longitude.trim() !== "") faults.latitude = "half";
  if (draft.longitude.trim() === "" && draft.latitude.trim() !== "") faults.longitude = "half";
  return faults;
}

/** What differs from what is registered, as the server takes it. */
export function changeOf(draft: Draft, camera: CameraDetail | null): CameraChange & { datum?: Datum } {
  const wanted = wantedOf(draft);
  const before: Record<string, unknown> = camera ?? {};
  const change: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(wanted)) if (value !== (before[name] ?? (name === "disabled" ? false : null))) change[name] = value;
  if ("latitude" in change || "longitude" in change) {
    // A position is one thing, and was told in one datum.
    Object.assign(change, { latitude: wanted.latitude, longitude: wanted.longitude });
    if (draft.datum === "gcj02" && wanted.latitude !== null) change["datum"] = draft.datum;
  }
  if (draft.password !== "") Object.assign(change, { username: wanted.username, password: draft.password });
  return change;
}

function wantedOf(draft: Draft): CameraColumns & { username: string | null } {
  const values = COLUMNS.map((column) => {
    const text = draft[column].trim();
    if (text === "") return [column, null];
    return [column, isNumber(column) ? numberOf(text) : text];
  });
  return {
    ...(Object.fromEntries(values) as CameraColumns),
    disabled: draft.disabled,
    username: draft.username.trim() || null,
  };
}

/** The server changes them and never clears them. */
const NEVER_CLEARED = ["sub_url", "username"] as const;

/** The change that takes another one back; null where there is none: nobody knows an old password any more. */
export function undoing(change: CameraChange, before: CameraDetail): CameraChange | null {
  if ("password" in change || NEVER_CLEARED.some((name) => name in change && before[name] === null)) return null;
  const names = (Object.keys(change) as (keyof CameraChange | "datum")[]).filter((name) => name !== "datum");
  return Object.fromEntries(names.map((name) => [name, before[name as Exclude<keyof CameraChange, "password">]]));
}

/** Columns by which two versions of a camera differ. */
export function differences(before: CameraDetail, after: CameraDetail): (Column | "disabled" | "username")[] {
  return ([...COLUMNS, "disabled", "username"] as const).filter((name) => before[name] !== after[name]);
}
