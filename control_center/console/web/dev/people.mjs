// People, sessions, loans and the audit trail of the mock center. Names are invented.
import { createHash, randomBytes } from "node:crypto";
import { nowUs } from "./fixtures.mjs";

const MINUTE = 60_000_000;
const DAY = 24 * 60 * MINUTE;
const start = nowUs();
let lastId = 100;
export const newId = (prefix) => `${prefix}-${++lastId}`;

const CAMERAS = ["enter", "see_cameras", "watch"];
const RECORDS = ["enter", "see_cameras", "playback", "read"];
export const ROLES = {
  operator: [...CAMERAS, ...RECORDS, "decide", "lock_evidence", "steer"],
  senior_operator: [...CAMERAS, ...RECORDS, "decide", "overrule", "lock_evidence", "steer"],
  analyst: [...RECORDS, "look_up"],
  supervisor: [...CAMERAS, ...RECORDS, "look_up", "decide", "overrule", "lock_evidence", "release_evidence", "configure", "register", "steer", "lend"],
  technician: [...CAMERAS, "register"],
  auditor: ["enter", "audit"],
  administrator: ["enter", "lend", "administer"],
};
const LENDABLE = ["operator", "senior_operator", "analyst", "technician"];
export const roles = Object.entries(ROLES).map(([role, rights]) => ({
  role, rights: [...new Set(rights)], lendable: LENDABLE.includes(role),
}));

const center = (id, parent_id, level, name) => ({ id, parent_id, level, name, code: `1101${id.padStart(8, "0")}` });
export const centers = [
  center("city", null, "city", "示范市 Model City"),
  center("c-east", "city", "county", "东城区 East County"),
  center("c-1", "c-east", "station", "望京派出所"),
  center("c-2", "c-east", "station", "阜通派出所 Futong Station"),
  center("c-west", "city", "county", "西城区 West County"),
  center("c-3", "c-west", "station", "河滨派出所 Riverside Station"),
];
export const nameOf = (id) => centers.find((each) => each.id === id)?.name ?? "";

export const roleRow = (role, center_id, rest = {}) => ({
  id: newId("grant"), role, center_id, center_name: nameOf(center_id), granted_us: start - 40 * DAY, granted_by: "wang.fang",
  until_us: null, reason: "", ...rest,
});
const person = (id, username, display_name, center_id, held, rest = {}) => ({
  id, username, display_name, center_id, center_name: nameOf(center_id), roles: held, state: "active", password_state: "own",
  has_second_factor: false, created_us: start - 200 * DAY, version: 3, past_roles: [], tokens: [], ...rest,
});
const AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0";
export const token = (name, rights, rest = {}) => ({
  id: newId("token"), name, rights, created_us: start - 20 * DAY, expires_us: start + 70 * DAY, used_us: start - 3 * MINUTE,
  revoked_us: null, ...rest,
});
export const people = [
  person("u-1", "operator", "李伟", "c-1", [roleRow("operator", "c-1"), roleRow("senior_operator", "c-3", { until_us: start + 2 * DAY, reason: "Festival duty at the river" })],
    { tokens: [token("Shift report", ["enter", "read"]), token("Old dashboard", ["enter", "see_cameras"], { revoked_us: start - 2 * DAY, used_us: null })],
      past_roles: [{ ...roleRow("technician", "c-1"), revoked_us: start - 30 * DAY, revoked_by: "wang.fang" }] }),
  person("u-2", "administrator", "王芳", "city", [roleRow("administrator", "city")], { has_second_factor: true }),
  person("u-3", "auditor", "Anna Berger", "city", [roleRow("auditor", "city")], { has_second_factor: true }),
  person("u-4", "technician", "陈刚", "c-east", [roleRow("technician", "c-east")]),
  person("u-5", "supervisor", "Sara Kaminski", "c-east", [roleRow("supervisor", "c-east")]),
  person("u-6", "analyst", "周敏", "city", [roleRow("analyst", "city")], { password_state: "none" }),
  person("u-7", "zhang.min", "张敏", "c-2", [roleRow("senior_operator", "c-2")], { state: "locked_out" }),
  person("u-8", "former", "Nguyễn Thị Lan", "c-2", [], { state: "disabled", password_state: "consumed" }),
  person("u-9", "new", "赵新", "c-3", [roleRow("operator", "c-3")], { password_state: "one_time" }),
  ...Array.from({ length: 60 }, (_, i) => person(`u-${20 + i}`, `watch.${i + 1}`, `值班员 ${i + 1}`, "c-3", [roleRow("operator", "c-3")])),
];
const session = (who, rest = {}) => ({
  id: newId("session"), account_id: who.id, username: who.username, method: "password", address: "10.20.4.17", agent: AGENT,
  created_us: start - 95 * MINUTE, active_us: start - 2 * MINUTE, expires_us: start + 625 * MINUTE, locked: false, current: false, ...rest,
});
export const sessions = [
  session(people[0], { address: "10.20.4.18", agent: WINDOWS, active_us: start - 44 * MINUTE, locked: true }),
  session(people[3]), session(people[4], { method: "oidc", address: "10.20.4.31" }), session(people[6], { address: "10.20.9.2", agent: WINDOWS }),
  session(people[0], { address: "10.20.4.77" }),
];
export const openSession = (who) => {
  const row = session(who, { created_us: nowUs(), active_us: nowUs(), expires_us: nowUs() + 720 * MINUTE, address: "127.0.0.1" });
  sessions.unshift(row);
  return row;
};

const loan = (who, role, center_id, rest) => ({
  id: newId("loan"), account_id: who.id, username: who.username, display_name: who.display_name, role, center_id,
  center_name: nameOf(center_id), granted_us: start - DAY, granted_by: "sara.kaminski", until_us: start + 2 * DAY,
  reason: "", state: "in_force", ...rest,
});
export const loans = [
  loan(people[0], "senior_operator", "c-3", { reason: "Festival duty at the river" }),
  loan(people[5], "analyst", "c-2", { reason: "Review of the stolen-vehicle hits of October", state: "over", until_us: start - 3 * DAY, granted_us: start - 10 * DAY }),
  loan(people[3], "technician", "c-west", { reason: "Replacement of the ring road cameras", state: "revoked", until_us: start + DAY }),
];
export { loan as makeLoan };

const ACTIONS = [
  ["api:session:open", "operator", "u-1", { method: "password" }], ["api:alert:read", "operator", "0199-4a7c1e22", { kind: "plate_hit" }],
  ["api:footage:read", "operator", "cam-2", { stream: "main", start_us: start - 30 * MINUTE, end_us: start - 25 * MINUTE }, "Complaint about the parking barrier", "A1101010100002026110001"],
  ["api:alert:transition", "operator", "0199-4a7c1e22", { from: "new", to: "acknowledged" }], ["api:session:lock", "operator", "u-1", {}],
  ["api:session:refused", "system", "zhang.min", { address: "10.20.9.2" }], ["api:role:grant", "administrator", "u-1", { role: "senior_operator", center: "c-3" }],
  ["pipeline:alert:create", "system", "0199-4a7c1e22", { list: "wanted" }], ["matching:comparison:run", "system", "wanted", { hits: 3 }],
  ["retention:observation:purge", "system", "c-1", { before_us: start - 21 * DAY, rows: 4123 }],
];
export const actions = [...new Set(ACTIONS.map(([action]) => action)), "cli:camera:add", "api:account:create"].toSorted();
export const entries = Array.from({ length: 240 }, (_, i) => {
  const [action, actor, subject, detail, reason = null, case_number = null] = ACTIONS[i % ACTIONS.length];
  return {
    seq: 18_240 - i, id: `a-${i}`, at_us: start - i * 7 * MINUTE, center_id: "c-1", center_name: nameOf("c-1"), node: "node-1", actor, action,
    subject, detail, reason, case_number, hash: createHash("sha256").update(String(i)).digest("hex"),
  };
});

const LOOKS = ["live", "footage", "alert", "search"];
export const reportRows = Array.from({ length: 130 }, (_, i) => {
  const what = LOOKS[i % LOOKS.length];
  const who = people[i % 2 ? 0 : 6];
  return {
    at_us: start - i * 11 * MINUTE, actor: who.username, display_name: who.display_name, roles: who.roles.map(({ role }) => role), what,
    subject: what === "alert" ? "0199-4a7c1e22" : "cam-2", subject_name: what === "alert" ? "京A12345 · 在逃人员" : "阜通东大街卡口",
    from_us: what === "footage" ? start - i * 11 * MINUTE - 30 * MINUTE : null, to_us: what === "footage" ? start - i * 11 * MINUTE - 25 * MINUTE : null,
    reason: what === "footage" ? "Complaint about the parking barrier" : null, case_number: what === "footage" ? "A1101010100002026110001" : null,
    center_id: "c-1", center_name: nameOf("c-1"),
  };
});
export const oneTime = () => randomBytes(9).toString("base64url");
