// The shapes of the HTTP contract. Times are microseconds UTC; a double holds them exactly until the year 2255.

export type Text = { zh: string; en: string };

export const RIGHTS = [
  "enter",
  "see_cameras",
  "watch",
  "playback",
  "read",
  "look_up",
  "decide",
  "overrule",
  "lock_evidence",
  "release_evidence",
  "configure",
  "register",
  "steer",
  "lend",
  "audit",
  "administer",
] as const;
export type Right = (typeof RIGHTS)[number];

export const ROLES = [
  "operator",
  "senior_operator",
  "analyst",
  "supervisor",
  "technician",
  "auditor",
  "administrator",
] as const;
export type Role = (typeof ROLES)[number];

export type HeldRole = { role: Role; center_id: string; center_name: string; until_us: number | null };

export type Account = {
  id: string;
  username: string;
  display_name: string;
  roles: HeldRole[];
  rights: Right[];
  must_change_password: boolean;
  must_enrol_second_factor: boolean;
  has_second_factor: boolean;
  locked: boolean;
  lock_after_s: number;
  method: "password" | "oidc" | "token";
  session_id: string;
  expires_us: number;
};

export type Page<T> = { items: T[]; next_cursor: string | null };

export type HeldFootage = {
  held_bytes: number;
  held_share: number;
  held_alarm: boolean;
  full_held: boolean;
  holds_fault: boolean;
};

export type Overview = {
  center: { id: string; code: string; name: string; level: "station" | "county" | "city" };
  /** Of those in use. A state of health that none has is left out. */
  cameras: { total: number; recording: number; health: Partial<Record<HealthState, number>> };
  alerts: { new: number };
  /** What evidence locks and open alerts hold on the disks of the server's machine; null where nobody says. */
  storage: HeldFootage | null;
  version: string;
  time_us: number;
};

export const CAMERA_STATES = [
  "recording",
  "connecting",
  "silent",
  "auth_failed",
  "refused",
  "unreachable",
  "disabled",
] as const;
export type CameraState = (typeof CAMERA_STATES)[number];

export const HEALTH_STATES = [
  "online",
  "degraded",
  "clock_skew",
  "stream_failed",
  "auth_failed",
  "unreachable",
  "maintenance",
  "disabled",
  "unknown",
] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

/** What the last checks of a camera's device found. `until_us` is the end of a maintenance. */
export type CameraHealth = {
  state: HealthState;
  /** Null before the first check. */
  since_us: number | null;
  cause: string | null;
  mend: string | null;
  until_us: number | null;
};

export type StreamName = "main" | "sub";
export type CameraStream = { name: StreamName; codec: string | null; width: number | null; height: number | null };

export type Camera = {
  id: string;
  code: string;
  name: string;
  center_id: string;
  center_name: string;
  state: CameraState;
  state_since_us: number | null;
  cause: string | null;
  health: CameraHealth;
  streams: CameraStream[];
};

export const ALERT_STATES = ["new", "acknowledged", "verified", "dismissed", "closed"] as const;
export type AlertState = (typeof ALERT_STATES)[number];
export const ALERT_KINDS = ["plate_hit", "record_hit"] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];
export type Severity = "high" | "medium" | "low";

export type Alert = {
  id: string;
  kind: AlertKind;
  state: AlertState;
  version: number;
  severity: Severity;
  created_us: number;
  center_id: string;
  center_name: string;
  title: Text;
  list: string | null;
  database: string | null;
  camera: { id: string; name: string } | null;
  observed_us: number | null;
  plate: string | null;
  /** Passages before cameras that this alert stands for. */
  sightings: number;
  last_observed_us: number | null;
  verifications: number;
  verifications_needed: number;
};

export type Side = { raw: unknown; normalised: unknown };

export type FieldEvidence = {
  field: string;
  level: string;
  m: number;
  u: number;
  weight_mbits: number;
  left: Side | null;
  right: Side | null;
};

export type Explanation = {
  prior_mbits: number;
  fields: FieldEvidence[];
  posterior: number;
  keys: string[];
  against: string[];
  /** Fields in which a vehicle with the very plate on record differs from it; hits that are older than this field lack it. */
  suspected_clone?: string[];
  versions?: Record<string, string>;
  /** The likeliest record besides this one; null where there is none. */
  runner_up?: { weight_mbits: number; probability: number } | null;
};

export type RecordFields = Record<string, unknown>;

/** What makes it lawful that somebody stands on a list. */
export type Listing = {
  ground: string;
  issuer: string | null;
  instrument: string | null;
  issued_on?: string | null;
  review_on?: string | null;
  expires_on: string | null;
  action: string | null;
};

export type Hit = {
  id: string;
  list: string | null;
  database: string | null;
  probability: number;
  weight_mbits: number;
  explanation: Explanation;
  record: RecordFields | null;
  reference: RecordFields | null;
  ground: string | null;
  issuer: string | null;
  instrument: string | null;
  action: string | null;
  expires_on: string | null;
};

export type Clip = { camera_id: string; stream: StreamName; start_us: number; end_us: number };
export type HistoryEntry = {
  at_us: number;
  account: string | null;
  from: AlertState | null;
  to: AlertState;
  note: string | null;
};
export type AlertDetail = Alert & { hit: Hit; clip: Clip | null; history: HistoryEntry[] };
export type AlertPage = Page<Alert>;

export type Transition = { to: AlertState; note: string; version: number };

export type BoardName = { name: string; title: Text };
export type BoardCell = {
  list: string;
  database: string;
  purpose: Text;
  keys: string[];
  meaning: Text;
  action: Text;
  compared: number;
  not_comparable: number;
  hits: number;
  open_alerts: number;
  finished_us: number | null;
};
export type Board = { lists: BoardName[]; databases: BoardName[]; cells: BoardCell[] };

export type MediaTicket = {
  ticket: string;
  session_url: string;
  live_url: string;
  clip_url: string;
  expires_us: number;
};

/** RFC 9457; the type is `urn:vedette:problem:KIND`. `mend` is an extension: what to do about it. */
export type Problem = {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  mend?: string;
  /** What it is about: a field of the request, a camera, a row. */
  where?: string;
  /** Of a form with several faults each one, with the field that it is about. */
  errors?: { field?: string; where?: string; what: string; mend?: string }[];
  example?: string | null;
};
