// The shapes of the contract about people, their sessions and the audit trail.
import type { Right, Role } from "./types";

export type SignInMethods = { oidc: { title: string } | null; first_run: boolean };

export type Center = {
  id: string;
  parent_id: string | null;
  code: string;
  name: string;
  level: "station" | "county" | "city";
};

export type SessionRow = {
  id: string;
  account_id: string;
  username: string;
  method: string;
  address: string;
  agent: string;
  created_us: number;
  active_us: number;
  expires_us: number;
  locked: boolean;
  current: boolean;
};

export type TokenRow = {
  id: string;
  name: string;
  rights: Right[];
  created_us: number;
  expires_us: number;
  used_us: number | null;
  revoked_us: number | null;
};

export type RoleRow = {
  id: string;
  role: Role;
  center_id: string;
  center_name: string;
  granted_us: number;
  granted_by: string;
  until_us: number | null;
  reason: string | null;
};
export type PastRole = RoleRow & { revoked_us: number | null; revoked_by: string | null };

export const PERSON_STATES = ["active", "disabled", "locked_out"] as const;
export type PersonState = (typeof PERSON_STATES)[number];

export type Person = {
  id: string;
  username: string;
  display_name: string;
  center_id: string;
  center_name: string;
  roles: RoleRow[];
  state: PersonState;
  password_state: string;
  has_second_factor: boolean;
  created_us: number;
  version: number;
};
export type PersonDetail = Person & { sessions: SessionRow[]; tokens: TokenRow[]; past_roles: PastRole[] };
/** A person with the tag that a change of it must name. */
export type Tagged<T> = { data: T; etag: string | null };

export type RoleInfo = { role: Role; rights: Right[]; lendable: boolean };

export type Loan = {
  id: string;
  account_id: string;
  username: string;
  display_name: string;
  role: Role;
  center_id: string;
  center_name: string;
  granted_us: number;
  granted_by: string;
  until_us: number;
  reason: string;
  state: "in_force" | "over" | "revoked";
};

export type Policy = { reason_for: string[]; case_for: string[]; case_pattern: string; case_example: string };
export type Purpose = "footage" | "report" | "export" | "look_up";
export type Reason = { reason: string; case_number: string };

export type AuditEntry = {
  seq: number;
  id: string;
  at_us: number;
  center_id: string;
  center_name: string;
  node: string;
  actor: string;
  action: string;
  subject: string;
  detail: Record<string, unknown>;
  reason: string | null;
  case_number: string | null;
  hash: string;
};
export type ChainHead = { seq: number; hash: string };
export type AuditStatus = {
  entries: number;
  first_us: number | null;
  head: ChainHead;
  purged_seq: number;
  checked: { at_us: number; entries: number; fault: Fault | null } | null;
};
export type Fault = { seq: number; reason: string };
export type Verification = { entries: number; fault: Fault | null; head: ChainHead; at_us: number };

export const LOOKS = ["live", "footage", "alert", "look_up", "export", "report", "search"] as const;
export type Look = (typeof LOOKS)[number];
export type ReportRow = {
  at_us: number;
  actor: string;
  display_name: string;
  roles: string[];
  what: string;
  subject: string;
  subject_name: string;
  from_us: number | null;
  to_us: number | null;
  reason: string | null;
  case_number: string | null;
  center_id: string;
  center_name: string;
};
/** Of the whole period; `lost` looks are known to be missing from the trail. */
export type ReportTotals = Record<Look, number> & {
  people: number;
  lost: number;
  by_actor: Record<string, Partial<Record<Look, number>>>;
};
/** The totals come with the first page alone. */
export type ReportPage = { items: ReportRow[]; next_cursor: string | null; totals: ReportTotals | null };
