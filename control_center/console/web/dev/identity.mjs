// The routes about people, sessions, loans and the audit trail of the mock center.
import { nowUs } from "./fixtures.mjs";
import {
  actions, centers, entries, loans, makeLoan, nameOf, newId, oneTime, openSession, people, reportRows, roleRow, roles, ROLES, sessions, token,
} from "./people.mjs";

const POLICY = {
  reason_for: ["footage", "export", "look_up"], case_for: process.env.MOCK_CASES === "1" ? ["report"] : [],
  case_pattern: "[A-Z0-9][A-Z0-9-]{3,39}", case_example: "A1101010100002026110001",
};
const LOCK_AFTER_S = Number(process.env.MOCK_LOCK_AFTER_S ?? 1800);
const CODE = "123456";
const problem = (status, kind, detail, rest = {}) => ({ status, body: { type: `urn:vedette:problem:${kind}`, status, detail, ...rest } });
const ok = (body) => ({ status: 200, body });
const done = () => ({ status: 204 });
const chain = { at_us: nowUs() - 3_600_000_000, entries: 18_102, fault: null };

/** Whoever signs in under an unknown name is an operator; "all" may do everything. */
export function enter(visit, { username, password, code }) {
  if (password === "wrong") return problem(401, "not_authenticated", "wrong username or password.");
  if (password === "hasty") return { ...problem(429, "too_many", "too many attempts."), headers: { "Retry-After": "12" } };
  const who = people.find((each) => each.username === username) ?? { ...people[0], username };
  if (username.includes("2fa") && code !== CODE) return problem(401, "second_factor", "a code is needed.");
  const row = openSession(who);
  visit.who = {
    ...who, rights: username === "all" ? Object.values(ROLES).flat() : who.roles.flatMap(({ role }) => ROLES[role]),
    must_change_password: username === "new", must_enrol_second_factor: username === "enrol", has_second_factor: username.includes("2fa"),
    locked: false, session: row, method: username === "oidc" ? "oidc" : "password",
  };
  return ok({ account: accountOf(visit.who) });
}

export const accountOf = (who) => ({
  id: who.id, username: who.username, display_name: who.display_name, rights: [...new Set(who.rights)],
  roles: who.roles.map(({ role, center_id, center_name, until_us }) => ({ role, center_id, center_name, until_us })),
  must_change_password: who.must_change_password, must_enrol_second_factor: who.must_enrol_second_factor,
  has_second_factor: who.has_second_factor, locked: who.locked, lock_after_s: LOCK_AFTER_S, method: who.method,
  session_id: who.session.id, expires_us: who.session.expires_us,
});

function page(rows, params) {
  const limit = Number(params.get("limit") ?? 50);
  const from = Number(params.get("cursor") ?? 0);
  return ok({ items: rows.slice(from, from + limit), next_cursor: from + limit < rows.length ? String(from + limit) : null });
}
const row = ({ past_roles: _past, tokens: _tokens, ...rest }) => rest;
const mine = (visit) => (each) => ({ ...each, current: each.id === visit.who.session.id });
const detail = (visit, who) => ({ ...who, sessions: sessions.filter(({ account_id }) => account_id === who.id).map(mine(visit)) });
const remove = (rows, id) => (rows.splice(rows.findIndex((each) => each.id === id), 1), done());
const asked = (purpose, body) => {
  if (POLICY.reason_for.includes(purpose) && !body.reason) return problem(422, "reason_required", "the policy asks for a reason.");
  if (!POLICY.case_for.includes(purpose) || body.case_number) return null;
  return problem(422, "case_required", "the policy asks for a case number.", { example: POLICY.case_example });
};

const session = {
  "POST /session/lock": ({ visit }) => ((visit.who.locked = true), done()),
  "POST /session/unlock": ({ visit, body }) => {
    if (body.password === "wrong") return problem(401, "not_authenticated", "wrong password.");
    if (visit.who.has_second_factor && body.code !== CODE) return problem(401, "second_factor", "a code is needed.");
    visit.who.locked = false;
    return done();
  },
  "POST /session/activity": ({ visit }) => ((visit.activities = (visit.activities ?? 0) + 1), done()),
  "POST /session/password": ({ visit, body }) => {
    if (body.current_password === "wrong") return problem(401, "not_authenticated", "wrong password.");
    visit.who.must_change_password = false;
    return done();
  },
  "POST /session/second-factor": ({ body }) => (body.password === "wrong" ? problem(401, "not_authenticated", "wrong password.")
    : ok({ secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", uri: "otpauth://totp/Vedette:li.wei?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Vedette" })),
  "POST /session/second-factor/confirm": ({ visit, body }) => {
    if (body.code !== CODE) return problem(401, "second_factor", "the code is wrong.");
    visit.who.has_second_factor = true;
    visit.who.must_enrol_second_factor = false;
    return ok({ recovery_codes: Array.from({ length: 10 }, (_, i) => `k7mq-${i}2px-w9d${i}`) });
  },
  "POST /session/second-factor/remove": ({ visit, body }) =>
    (body.code === CODE ? ((visit.who.has_second_factor = false), done()) : problem(401, "second_factor", "the code is wrong.")),
  "GET /session/others": ({ visit }) => ok({ items: detail(visit, visit.who).sessions }),
  "DELETE /session/others/:id": ({ id }) => remove(sessions, id),
  "GET /tokens": ({ visit }) => ok({ items: visit.who.tokens }),
  "POST /tokens": ({ visit, body }) => {
    const made = token(body.name, body.rights, { created_us: nowUs(), used_us: null });
    visit.who.tokens.unshift(made);
    return ok({ ...made, token: `vdt_${oneTime()}${oneTime()}` });
  },
  "DELETE /tokens/:id": ({ visit, id }) => ((visit.who.tokens.find((each) => each.id === id).revoked_us = nowUs()), done()),
  "GET /roles": () => ok({ items: roles }),
  "GET /centers": ({ params }) => page(centers, params),
  "GET /policy": () => ok(POLICY),
};

const found = (id) => people.find((each) => each.id === id);
const accounts = {
  "GET /accounts": ({ params }) => {
    const q = (params.get("q") ?? "").toLowerCase();
    return page(people.filter((each) => `${each.username} ${each.display_name}`.toLowerCase().includes(q)
      && (!params.get("state") || (each.state === "disabled") === (params.get("state") === "disabled"))
      && (!params.get("center_id") || each.center_id === params.get("center_id"))).map(row), params);
  },
  "POST /accounts": ({ body }) => {
    if (found(body.username) || people.some((each) => each.username === body.username)) return problem(409, "conflict", "this username is taken.");
    const made = { ...people[8], id: newId("u"), username: body.username, display_name: body.display_name, center_id: body.center_id,
      center_name: nameOf(body.center_id), roles: body.roles.map((each) => roleRow(each.role, each.center_id)), created_us: nowUs(), version: 1 };
    people.unshift(made);
    return ok({ account: row(made), one_time_password: oneTime() });
  },
  "GET /accounts/:id": ({ visit, id }) => (found(id) ? { ...ok(detail(visit, found(id))), headers: { ETag: `"v${found(id).version}"` } } : problem(404, "not_found", "no such account.")),
  "PATCH /accounts/:id": ({ id, body, request }) => {
    const who = found(id);
    if (!request.headers["if-match"]) return problem(428, "precondition_required", "say which version.");
    if (request.headers["if-match"] !== `"v${who.version}"`) return problem(412, "precondition_failed", "changed meanwhile.");
    Object.assign(who, body, { version: who.version + 1, center_name: nameOf(body.center_id ?? who.center_id) });
    return ok(row(who));
  },
  "POST /accounts/:id/roles": ({ id, body }) => (found(id).roles.push(roleRow(body.role, body.center_id, { granted_us: nowUs() })), ok(row(found(id)))),
  "DELETE /accounts/:id/roles/:second": ({ id, second }) => {
    const who = found(id);
    if (who.id === "u-2") return problem(409, "conflict", "the last administrator of this center cannot lose the role.", { mend: "Give it to somebody else first." });
    who.past_roles.unshift({ ...who.roles.find((each) => each.id === second), revoked_us: nowUs(), revoked_by: "administrator" });
    who.roles = who.roles.filter((each) => each.id !== second);
    return ok(row(who));
  },
  "POST /accounts/:id/password": ({ id }) => ((found(id).password_state = "one_time"), ok({ one_time_password: oneTime() })),
  "POST /accounts/:id/disable": ({ id }) => ((found(id).state = "disabled"), done()),
  "POST /accounts/:id/enable": ({ id }) => ((found(id).state = "active"), done()),
  "DELETE /accounts/:id/second-factor": ({ id }) => ((found(id).has_second_factor = false), done()),
  "DELETE /accounts/:id/tokens/:second": ({ id, second }) => ((found(id).tokens.find((each) => each.id === second).revoked_us = nowUs()), done()),
  "GET /sessions": ({ visit, params }) => page(sessions.map(mine(visit)), params),
  "DELETE /sessions/:id": ({ id }) => remove(sessions, id),
  "GET /loans": ({ params }) => page(loans, params),
  "POST /loans": ({ body }) => {
    const who = people.find((each) => each.username === body.username);
    if (!who) return problem(404, "not_found", "there is no such account.");
    loans.unshift(makeLoan(who, body.role, body.center_id, { until_us: body.until_us, reason: body.reason, granted_us: nowUs(), granted_by: "administrator" }));
    return ok(loans[0]);
  },
  "DELETE /loans/:id": ({ id }) => ((loans.find((each) => each.id === id).state = "revoked"), done()),
};

const audit = {
  "GET /audit": ({ params }) => page(entries.filter((entry) =>
    (!params.get("actor") || entry.actor === params.get("actor")) && (!params.get("action") || entry.action === params.get("action"))
    && (!params.get("from_us") || entry.at_us >= Number(params.get("from_us"))) && (!params.get("case_number") || entry.case_number === params.get("case_number"))
    && (!params.get("text") || JSON.stringify(entry).includes(params.get("text")))), params),
  "GET /audit/actions": () => ok({ items: actions }),
  "GET /audit/status": () => ok({ entries: 18_240, first_us: nowUs() - 4e13, head: { seq: 18_240, hash: entries[0].hash }, purged_seq: 0, checked: chain }),
  "POST /audit/verifications": () => (Object.assign(chain, { at_us: nowUs(), entries: 18_240 }), ok({ ...chain, head: { seq: 18_240, hash: entries[0].hash } })),
  "POST /audit/exports": ({ body }) => asked("export", body) ?? { status: 200, text: "seq,actor\n1,operator\n", headers: { "Content-Disposition": `attachment; filename="audit.${body.format}"` } },
  "POST /audit/reports": ({ body }) => asked("report", body) ?? {
    status: 200, body: { ...page(reportRows, new URLSearchParams({ limit: body.limit, cursor: body.cursor ?? 0 })).body, totals: { people: 2, live: 33, footage: 33, alert: 32, export: 0, report: 0, search: 32, by_actor: { operator: { live: 33, footage: 32 }, "zhang.min": { alert: 32, search: 33 } }, lost: 2 } },
  },
};

const routes = Object.entries({ ...session, ...accounts, ...audit }).map(([name, answer]) => {
  const [method, path] = name.split(" ");
  return { method, pattern: new RegExp(`^${path.replace(":id", "([^/]+)").replace(":second", "([^/]+)")}$`), answer };
});

/** The answer of one of these routes, or null. */
export function answerIdentity(visit, request, path, params, body) {
  for (const { method, pattern, answer } of routes) {
    const match = method === request.method && pattern.exec(path);
    if (match) return answer({ visit, body, params, request, id: match[1], second: match[2] });
  }
  return null;
}
