// A center made of fixtures: serves the built console and answers its HTTP contract. For development alone.
//   npm run build && npm run mock      then http://127.0.0.1:8760
// Usernames are those of the roles (operator, technician, auditor, administrator, …), or "all" for every right; "new" must
// set a password, "enrol" a second factor; one with "2fa" in it needs the code 123456; "oidc" came through a provider. The
// password "wrong" is refused, "hasty" must wait. MOCK_CAMERAS adds that many cameras, MOCK_FOOTAGE names a fragmented MP4, MOCK_FIRST_RUN=1 a center without
// accounts, MOCK_OIDC=1 one with a provider, MOCK_LOCK_AFTER_S the time without input.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { alerts, board, cameras, makeAlert, nowUs, overview } from "./fixtures.mjs";
import { answerDevices } from "./devices.mjs";
import { answerEvidence } from "./evidence.mjs";
import { loadFootage, serveLive } from "./footage.mjs";
import { accountOf, answerIdentity, enter } from "./identity.mjs";
import { answerLookUps } from "./lookUps.mjs";
import { answerRegistering } from "./registering.mjs";

const PORT = Number(process.env.MOCK_PORT ?? 8760);
const MEDIA_PORT = Number(process.env.MOCK_MEDIA_PORT ?? 8761);
const CONSOLE = `http://127.0.0.1:${PORT}`;
const MEDIA = `127.0.0.1:${MEDIA_PORT}`;
const DIST = process.env.MOCK_DIST ?? join(dirname(fileURLToPath(import.meta.url)), "../../dist");
const KINDS = { 401: "not_authenticated", 403: "forbidden", 404: "not_found", 409: "conflict", 412: "precondition_failed", 423: "session_locked" };
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const POLICY = `default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; ` +
  `media-src 'self' blob: http://${MEDIA}; connect-src 'self' http://${MEDIA} ws://${MEDIA}; ` +
  `base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

const visit = { who: null };
const listeners = new Set();
const footage = loadFootage(process.env.MOCK_FOOTAGE);
const brief = ({ hit: _hit, clip: _clip, history: _history, ...alert }) => alert;

function tell(kind, data) {
  for (const response of listeners) response.write(`id: ${nowUs()}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`);
}

const json = (response, status, body, headers = {}) => {
  response.writeHead(status, { "Content-Type": status < 400 ? "application/json" : "application/problem+json", ...headers });
  response.end(body === undefined ? "" : JSON.stringify(body));
};
const send = (response, { status, body, text, headers }) =>
  (text === undefined ? json(response, status, body, headers) : response.writeHead(status, headers).end(text));
const problem = (response, status, detail) => json(response, status, { type: `urn:vedette:problem:${KINDS[status] ?? "http"}`, status, detail });

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const isJson = request.headers["content-type"] === "application/json";
  return chunks.length && isJson ? JSON.parse(Buffer.concat(chunks)) : {};
}

function take(response, alert, { to, note, version }) {
  if (version !== alert.version) return problem(response, 409, "somebody else changed it meanwhile.");
  alert.history.push({ at_us: nowUs(), account: visit.who.username, from: alert.state, to, note });
  alert.version += 1;
  if (to === "verified") alert.verifications += 1;
  alert.state = to === "verified" && alert.verifications < alert.verifications_needed ? "acknowledged" : to;
  json(response, 200, alert);
  return tell("alert.changed", brief(alert));
}

const session = {
  POST: (response, body) => send(response, enter(visit, body)),
  GET: (response) => (visit.who ? json(response, 200, { account: accountOf(visit.who) }) : problem(response, 401, "nobody is signed in.")),
  DELETE: (response) => ((visit.who = null), json(response, 204)),
};
const methods = {
  oidc: process.env.MOCK_OIDC === "1" ? { title: "City identity service" } : null, first_run: process.env.MOCK_FIRST_RUN === "1",
};
/** What goes on while the console is locked. */
const KEPT = /^\/(overview|centers|cameras|policy|roles|media-tickets|events|mock|session\/(lock|unlock|activity))/;

async function api(request, response, url) {
  const path = url.pathname.replace("/api/v1", "");
  if (request.method !== "GET" && request.headers["x-vedette"] !== "1") return problem(response, 403, "X-Vedette is missing.");
  const body = await bodyOf(request);
  if (path === "/session") return session[request.method](response, body);
  if (path === "/session/methods") return json(response, 200, methods);
  if (!visit.who) return problem(response, 401, "nobody is signed in.");
  if (visit.who.locked && !KEPT.test(path)) return problem(response, 423, "the console is locked.");
  const answer = answerIdentity(visit, request, path, url.searchParams, body);
  if (answer) return send(response, answer);
  const evidence = answerEvidence(visit, request, path, url.searchParams, body);
  if (evidence) return send(response, evidence);
  const lookUps = answerLookUps(path, body);
  if (lookUps) return send(response, lookUps);
  const devices = answerDevices(request, path, body, (camera) => tell("camera.changed", camera));
  if (devices) return send(response, devices);
  const registering = await answerRegistering(request, path, url.searchParams, body);
  if (registering) return send(response, registering);
  const alert = alerts.find(({ id }) => id === path.split("/")[2]);
  if (path === "/overview") return json(response, 200, overview());
  if (path === "/cameras") return json(response, 200, { items: cameras, next_cursor: null });
  if (path.endsWith("/recording")) return recording(request, response, path.split("/")[2], body);
  if (path === "/board") return json(response, 200, board);
  if (path === "/alerts") return json(response, 200, { items: selected(url.searchParams).map(brief), next_cursor: null });
  if (path.endsWith("/transitions") && alert) return take(response, alert, body);
  if (path.startsWith("/alerts/")) return alert ? json(response, 200, alert) : problem(response, 404, "no such alert.");
  if (path === "/media-tickets" || path === "/clip-tickets") return json(response, 200, ticket());
  if (path === "/clip-tickets") return clipTicket(response, body);
  if (path === "/events") return events(response);
  // Not part of the contract: what a test does to make things happen.
  if (path === "/mock/alert") return raise(response);
  if (path === "/mock/activities") return json(response, 200, { n: visit.activities ?? 0 });
  if (path === "/mock/elsewhere") return (alerts[0].version += 1), json(response, 204);
  return problem(response, 404, "no such route.");
}

/** How a camera is recorded; `If-Match` must name the version that is in force. */
const recordings = new Map();
function recording(request, response, cameraId, body) {
  const camera = cameras.find(({ id }) => id === cameraId);
  if (!camera) return problem(response, 404, "there is no such camera here.");
  const held = recordings.get(cameraId) ?? { version: 1, data: { ...untouched } };
  if (request.method === "PATCH") {
    if (request.headers["if-match"] !== `"v${held.version}"`) return problem(response, 412, "somebody else changed it meanwhile.");
    if (body.audio_purpose === "-") {
      const where = `camera ${camera.code}, audio_purpose`;
      return json(response, 422, { type: "urn:vedette:problem:invalid_input", where, detail: "the purpose says nothing." });
    }
    held.data = { ...held.data, ...body };
    held.version += 1;
    recordings.set(cameraId, held);
  }
  return json(response, 200, held.data, { ETag: `"v${held.version}"` });
}
const untouched = {
  transport: "tcp", audio_purpose: null, retention_days: null, retention_bytes: null, tls_sha256: null,
  center: { days: 30, min_days: 1, max_days: 90 },
};

function selected(params) {
  const [state, kind] = [params.get("state"), params.get("kind")];
  return alerts.filter((alert) => (!state || alert.state === state) && (!kind || alert.kind === kind));
}

function raise(response) {
  const alert = makeAlert("plate_hit", "new", { list: null, database: "stolen_vehicles", subject: "粤B8K2D6", minutes: 0, cameraNumber: 3 });
  alerts.unshift(alert);
  if (!visit.who?.locked) tell("alert.created", brief(alert));
  json(response, 201, brief(alert));
}

const ticket = () => ({
  ticket: "mock", session_url: `http://${MEDIA}/media/session`, live_url: `ws://${MEDIA}/media/live`,
  clip_url: `http://${MEDIA}/media/clips`, expires_us: nowUs() + 60_000_000,
});

function clipTicket(response, { camera_id, alert_id, reason }) {
  if (!cameras.some(({ id }) => id === camera_id)) return problem(response, 404, "there is no such camera here.");
  if (!alert_id && !reason) {
    const type = "urn:vedette:problem:reason_required";
    return json(response, 422, { type, status: 422, detail: "a reason is needed.", mend: "Say in a few words why you look." });
  }
  return json(response, 200, ticket());
}

function events(response) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  response.write(": open\n\n");
  listeners.add(response);
  response.on("close", () => listeners.delete(response));
}

async function file(response, pathname) {
  const name = normalize(pathname === "/" ? "/index.html" : pathname);
  const content = await readFile(join(DIST, name)).catch(() => null);
  if (!content) return problem(response, 404, "no such file.");
  response.writeHead(200, { "Content-Type": TYPES[extname(name)] ?? "application/octet-stream", "Content-Security-Policy": POLICY });
  return response.end(content);
}

createServer((request, response) => {
  const url = new URL(request.url, CONSOLE);
  const answer = url.pathname.startsWith("/api/") ? api(request, response, url) : file(response, url.pathname);
  Promise.resolve(answer).catch((error) => problem(response, 500, String(error)));
}).listen(PORT, "127.0.0.1", () => process.stdout.write(`${CONSOLE}\n`));

const media = createServer((request, response) => {
  response.setHeader("Access-Control-Allow-Origin", CONSOLE);
  response.setHeader("Access-Control-Allow-Credentials", "true");
  response.setHeader("Access-Control-Allow-Headers", "Content-Type, X-Vedette, Range");
  if (request.method === "OPTIONS" || request.url === "/media/session") return response.writeHead(204).end();
  if (!footage || !request.url.startsWith("/media/clips/cam-1/")) return problem(response, 404, "nothing is recorded there.");
  response.writeHead(200, { "Content-Type": "video/mp4", "Content-Length": footage.file.length });
  return response.end(footage.file);
});
media.on("upgrade", (request, socket) => (footage ? serveLive(request, socket, footage) : socket.destroy()));
media.listen(MEDIA_PORT, "127.0.0.1");
