// Devices on a network that is not there, and a register that takes them: what the wizards of the view Cameras ask for.
import { cameras, nowUs } from "./fixtures.mjs";

const COLUMNS = "code,name,center,maker,model,latitude,longitude,datum,main_url,sub_url,username,password,disabled";
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const device = (n) => `10.0.0.${n}`;
const addresses = cameras.map(({ id, code, name }, n) => ({ id, code, name, onvif_url: null, main_url: `rtsp://10.0.${n ? 1 : 0}.12/main` }));

const discovered = Array.from({ length: Number(process.env.MOCK_DEVICES ?? 14) }, (_, n) => ({
  address: device(10 + n), url: `http://${device(10 + n)}/onvif/device_service`, name: n % 3 ? "IPC-HFW" : "NVR 4216",
  hardware: n % 3 ? "HFW-2431" : "NVR4216-4KS2", location: n % 2 ? "city/riverside" : "",
}));

const stream = (host, path, width, height) => ({
  url: `rtsp://${host}/${path}`,
  profile: { token: path, name: path, source: path, encoding: "H264", width, height, frame_rate: 25, bit_rate_kbps: 4096, gop: 50, audio: null, ptz: false },
});

async function probe({ host, password }) {
  await wait(300 + Math.random() * 500);
  const place = host.replace(/^\w+:\/\//, "").split("/")[0];
  const n = Number(place.split(".").at(-1)) || 1;
  if (n % 7 === 0) return refused(502, "device_unreachable", "no connection.", "Check power, cable, address, port.");
  if (n % 5 === 0 && password !== "other") return refused(502, "device_auth_failed", "the device refused user name and password.", "Correct them.");
  const channels = Array.from({ length: n % 3 === 1 ? 3 : 1 }, (_, c) => ({
    source: `s${c}`, main: stream(place, `${c}/main`, 1920, 1080), sub: c === 2 ? null : stream(place, `${c}/sub`, 640, 360), snapshot_url: null,
  }));
  return json(200, {
    host: `http://${place}/onvif/device_service`, url: `http://${place}/onvif/device_service`, mac: "00:1A:2B:3C:4D:5E", ntp: [], services: [], profiles: [],
    information: { maker: "ACME", model: "HFW-2431", firmware: "2.800", serial: `7L0${n}`, hardware: "1.0" }, clock_offset_us: 0, tls_sha256: null, channels,
    findings: n % 4 ? [] : [{ kind: "clock_skew", what: "its clock is 3,600 s ahead of this machine's.", mend: "Name this center's time server at the device (NTP)." }],
  });
}

const problem = (row, column, what, mend) => ({ row, column, what, mend });
function batch({ cameras: rows, dry_run }) {
  const problems = rows.flatMap(({ name }, i) => (name.includes("!") ? [problem(i + 1, "name", "a name has no exclamation mark.", "Calm down.")] : []));
  const written = !dry_run && problems.length === 0;
  return json(200, { created: rows.length - problems.length, changed: 0, unchanged: 0, refused: problems.length, written, problems });
}

function imported(params) {
  const isDry = params.get("dry_run") === "true";
  const problems = Array.from({ length: Number(process.env.MOCK_PROBLEMS ?? 240) }, (_, n) =>
    problem(n * 3 + 2, n % 2 ? "mac" : "main_url", n % 2 ? "this is no MAC address." : "it is no address of a stream: rtsp:// or rtsps:// is missing, or the host is.", "Write its 12 hexadecimal digits, as 00:1a:2b:3c:4d:5e."));
  return json(200, { created: 760, changed: 12, unchanged: 3, refused: problems.length, written: !isDry && params.get("partial") === "true", problems });
}

const details = new Map();
function detail(camera) {
  const held = details.get(camera.id) ?? { version: 1, data: {
    id: camera.id, code: camera.code, name: camera.name, center: "110101010000", center_id: camera.center_id, center_name: camera.center_name,
    maker: "ACME", model: "HFW-2431", latitude: 39.9042, longitude: 116.4074, main_url: "rtsp://10.0.0.12/main", sub_url: "rtsp://10.0.0.12/sub",
    streams: [], username: "viewer", disabled: false, onvif_url: "http://10.0.0.12/onvif/device_service", serial: "7L012", firmware: "2.800",
    mac: "00:1a:2b:3c:4d:5e", gb28181_id: null, address: "Riverside Road 7", height_m: 4.5, azimuth_deg: 90, tilt_deg: null, fov_deg: null, range_m: null,
    watched_area: null, type: "bullet", owner: null, managing_unit: null, contact: null, installed_on: "2026-03-01", purpose: "Traffic", purpose_review_on: null,
    sign_evidence: null, created_us: nowUs(), updated_us: nowUs(),
  } };
  details.set(camera.id, held);
  return held;
}

function change(held, request, body) {
  if (request.headers["if-match"] !== `"v${held.version}"`) return refused(412, "precondition_failed", "somebody else changed it meanwhile.");
  if (body.mac === "-") {
    const errors = [{ field: "mac", what: "this is no MAC address.", mend: "Write its 12 hexadecimal digits." }];
    return json(422, { type: "urn:vedette:problem:invalid_input", detail: "this is no MAC address.", errors });
  }
  const { password: _password, ...kept } = body;
  held.data = { ...held.data, ...kept };
  held.version += 1;
  return json(200, held.data, { ETag: `"v${held.version}"` });
}

const history = (n) => ({
  items: Array.from({ length: 4 }, (_, i) => ({
    at_us: nowUs() - (n * 4 + i) * 3.6e9, actor: "li.wei", action: "api:camera:change", reason: i === 2 ? "Struck by lightning." : null,
    changes: i % 2 ? { name: { from: "Gate", to: "North gate" }, disabled: { from: true, to: false } } : { mac: { from: null, to: "00:1a:2b:3c:4d:5e" } },
  })),
  next_cursor: n < 2 ? String(n + 1) : null,
});

const json = (status, body, headers = {}) => ({ status, body, headers });
const refused = (status, kind, detail, mend) => json(status, { type: `urn:vedette:problem:${kind}`, detail, mend });
const table = (name, rows) => ({ status: 200, text: `\uFEFF${rows.join("\r\n")}\r\n`, headers: { "Content-Type": "text/csv", "Content-Disposition": `attachment; filename="${name}"` } });

/** Null for what is no route of these. */
export async function answerRegistering(request, path, params, body) {
  const [, collection, id, part] = path.split("/");
  if (path === "/devices/discover") return wait(800).then(() => json(200, { items: discovered }));
  if (path === "/cameras/addresses") return json(200, { items: addresses });
  if (path === "/devices/probe") return probe(body);
  if (path === "/cameras/batch") return batch(body);
  if (path === "/cameras/import") return wait(500).then(() => imported(params));
  if (path === "/cameras/template") return table("cameras.csv", [COLUMNS]);
  if (path === "/cameras/export") return table("cameras-2026-11-26.csv", [COLUMNS]);
  if (path === "/cameras" && request.method === "POST") return json(201, { ...body, id: crypto.randomUUID() });
  const camera = collection === "cameras" ? cameras.find((one) => one.id === id) : undefined;
  if (!camera) return null;
  const held = detail(camera);
  if (part === "history") return json(200, history(Number(params.get("cursor") ?? 0)));
  if (part === "replacement") return json(200, Object.assign(held.data, { serial: body.serial ?? held.data.serial }));
  if (part === undefined && request.method === "GET") return json(200, held.data, { ETag: `"v${held.version}"` });
  if (part === undefined && request.method === "PATCH") return change(held, request, body);
  return null;
}
