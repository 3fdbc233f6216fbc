// Evidence locks of the mock center: some requested, some held, one released; an hour of every other camera is recorded.
import { cameras, nowUs } from "./fixtures.mjs";

const MINUTE = 60_000_000;
const start = nowUs();

function recordedOf(span) {
  const recorded = [start - 70 * MINUTE, start - 42 * MINUTE, start - 35 * MINUTE, start];
  const spans = [recorded.slice(0, 2), recorded.slice(2)]
    .map(([from, to]) => [Math.max(from, span.start_us), Math.min(to, span.end_us)])
    .filter(([from, to]) => from < to);
  const covered_us = spans.reduce((sum, [from, to]) => sum + to - from, 0);
  return { bytes: Math.round(covered_us * 0.42), covered_us, spans, is_whole: true };
}

function makeLock(n, state, from, to, reason, more = {}) {
  const { id, code, name, center_id, center_name } = cameras[n];
  const span = { start_us: start + from * MINUTE, end_us: start + to * MINUTE };
  return {
    id: crypto.randomUUID(), version: 1, state, camera: { id, code, name }, center_id, center_name, ...span, reason,
    case_number: null, locked_us: start - 9 * MINUTE, locked_by: "li.wei", held_us: state === "held" ? start - 8 * MINUTE : null,
    released_us: null, released_by: null, release_reason: null, release_case_number: null, recorded: recordedOf(span), ...more,
  };
}

const locks = [
  makeLock(0, "requested", -12, -2, "Theft of a bicycle at the north gate; the owner is at the desk."),
  makeLock(0, "held", -60, -30, "Collision of a van with a tram.", { case_number: "A1101010100002026110001" }),
  makeLock(1, "held", -180, -120, "车辆肇事逃逸，等待交警调取。", { case_number: "A1101010100002026110002" }),
  makeLock(5, "held", -40, 20, "Demonstration, for the police complaints office.", { recorded: null }),
  makeLock(2, "released", -4000, -3990, "Lost child.", {
    released_us: start - 60 * MINUTE, released_by: "zhang.min", release_reason: "The child is at home; nothing is kept.",
  }),
];

const problem = (status, kind, detail) => ({ status, body: { type: `urn:vedette:problem:${kind}`, status, detail } });

export function answerEvidence(visit, request, path, params, body) {
  const [, room, id, deed] = path.split("/");
  if (room === "cameras" && deed === "footage") return { status: 200, body: footage(id, params) };
  if (room !== "evidence-locks") return null;
  if (!id && request.method === "GET") return { status: 200, body: { items: locks.filter((lock) => isAsked(lock, params)), next_cursor: null } };
  if (!body.reason) return problem(422, "reason_required", "a reason is needed.");
  if (!id) return place(visit, body);
  const lock = locks.find((one) => one.id === id);
  if (!lock) return problem(404, "not_found", "there is no such lock here.");
  if (request.headers["if-match"] !== `"v${lock.version}"`) return problem(412, "precondition_failed", "somebody else changed it.");
  Object.assign(lock, change(visit, lock, deed, body), { version: lock.version + 1 });
  return { status: 200, body: lock };
}

const change = (visit, lock, deed, { start_us, end_us, reason }) =>
  deed === "release"
    ? { state: "released", released_us: nowUs(), released_by: visit.who.username, release_reason: reason }
    : { state: "requested", start_us, end_us, recorded: recordedOf({ start_us, end_us }) };

function place(visit, { camera_id, start_us, end_us, reason, case_number = null }) {
  const n = cameras.findIndex(({ id }) => id === camera_id);
  if (n === -1) return problem(404, "not_found", "there is no such camera here.");
  const lock = makeLock(n, "requested", 0, 0, reason, { start_us, end_us, case_number, locked_us: nowUs(), locked_by: visit.who.username });
  lock.recorded = recordedOf(lock);
  locks.unshift(lock);
  return { status: 201, body: lock };
}

function isAsked(lock, params) {
  const [state, wanted] = [params.get("state"), params.get("case_number")];
  if (wanted && lock.case_number !== wanted) return false;
  return !state || (state === "in_force" ? lock.state !== "released" : lock.state === state);
}

function footage(camera_id, params) {
  const span = { start_us: Number(params.get("start_us")), end_us: Number(params.get("end_us")) };
  const touching = locks.filter((lock) => lock.camera.id === camera_id && lock.state !== "released" && lock.start_us < span.end_us && lock.end_us > span.start_us);
  return { camera_id, ...span, recorded: recordedOf(span), locks: touching.map(({ id, state, start_us, end_us }) => ({ id, state, start_us, end_us })) };
}
