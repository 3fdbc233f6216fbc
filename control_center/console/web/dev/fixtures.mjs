// Invented data in the shapes of the HTTP contract, for looking at the console without a center.
const MINUTE = 60_000_000;
export const nowUs = () => Date.now() * 1000;
const start = nowUs();

const center = { id: "c-1", code: "110105430000", name: "望京派出所", level: "station" };

const both = [
  { name: "main", codec: "h264", width: 1920, height: 1080 },
  { name: "sub", codec: "h264", width: 640, height: 360 },
];
const HEALTH = {
  recording: ["online", null], silent: ["stream_failed", "The stream main sends nothing."], disabled: ["disabled", null],
  auth_failed: ["auth_failed", "The device refused user name and password of ONVIF."],
  unreachable: ["unreachable", "Nothing answers at 10.1.2.7:80."],
};
function healthFor(state, n) {
  const [health, cause] = n % 11 === 6 ? ["clock_skew", "Its clock is 93 s behind."] : (HEALTH[state] ?? ["unknown", null]);
  return { state: health, since_us: start - n * 41 * MINUTE, cause, mend: cause && "Mend it.", until_us: null };
}
const camera = (n, name, state, cause = null) => ({
  id: `cam-${n}`, code: `WJ-${String(n).padStart(3, "0")}`, name, center_id: "c-1", center_name: center.name, state,
  state_since_us: start - n * 37 * MINUTE, cause, health: healthFor(state, n), streams: both,
});
export const cameras = [
  camera(1, "望京街北口", "recording"),
  camera(2, "阜通东大街卡口", "recording"),
  camera(3, "Station forecourt east", "recording"),
  camera(4, "地铁 15 号线 C 口", "silent", "No access unit for 5 s."),
  camera(5, "停车场入口", "auth_failed", "401 Unauthorized, digest realm “IPC”."),
  camera(6, "Ring road ramp 3", "recording"),
  camera(7, "社区南门", "unreachable", "Connection timed out."),
];
const MIX = ["recording", "recording", "recording", "recording", "silent", "recording", "unreachable", "recording", "disabled"];
for (let n = 8; n < 8 + Number(process.env.MOCK_CAMERAS ?? 0); n += 1) cameras.push(camera(n, `Crossing ${n}`, MIX[n % MIX.length]));

export const lists = [
  ["wanted", "在逃人员", "Wanted"], ["absconded", "脱逃脱管", "Absconded"], ["missing", "失踪人员", "Missing"],
  ["endangered", "危急失踪", "Endangered"], ["protection_order", "人身保护令", "Protection order"],
  ["judicial", "司法传唤", "Sought by a court"],
].map(([name, zh, en]) => ({ name, title: { zh, en } }));
export const databases = [
  ["wanted_persons", "在逃人员库", "Wanted persons"], ["missing_unidentified", "失踪与身份不明库", "Missing and unidentified"],
  ["stolen_vehicles", "被盗车辆库", "Stolen vehicles"], ["lost_documents", "遗失证件库", "Lost documents"],
].map(([name, zh, en]) => ({ name, title: { zh, en } }));

export const board = {
  lists, databases,
  cells: lists.flatMap((list, i) => databases.map((database, j) => ({
    list: list.name, database: database.name,
    purpose: { zh: "查找名单人员是否已登记在该库中。", en: "Find whether the person listed is known to this database." },
    keys: j === 2 ? ["plate", "vin"] : ["id_number", "name_birth_date", "pinyin_birth_date"],
    meaning: { zh: "两条记录可能属于同一人。", en: "Both records may belong to the same person." },
    action: { zh: "核对两份原始档案，再联系签发机关。", en: "Compare both original records, then call the issuing authority." },
    compared: [1204, 388, 96, 41, 77, 512][i] - j * 9, not_comparable: [31, 12, 8, 2, 19, 44][i] * (j === 2 ? 6 : 1),
    hits: [3, 0, 2, 1, 0, 0][(i + j) % 6], open_alerts: i === 5 && j === 3 ? 0 : [2, 0, 1, 0, 0, 0][(i + j) % 6],
    finished_us: i === 5 && j === 3 ? null : start - 14 * MINUTE,
  }))),
};

const side = (raw, normalised = raw) => ({ raw, normalised });
const field = (name, level, m, u, left, right) =>
  ({ field: name, level, m, u, weight_mbits: Math.round(1000 * Math.log2(m / u)), left: side(left), right: side(right) });
const plateFields = (plate) => [
  field("plate", "exact", 0.98, 1e-7, plate, plate), field("plate_colour", "same", 0.97, 0.6, "blue", "blue"),
];
const personFields = [
  field("name", "romanised", 0.85, 0.0004, "欧阳建国", "OUYANG Jianguo"),
  field("birth_date", "exact", 0.93, 0.00005, "1979-04-12", "1979-04-12"),
  field("sex", "same", 0.99, 0.5, "M", "男"),
  field("id_number", "exact", 0.98, 1e-9, "110105197904120012", "110105197904120012"),
  field("phone", "different", 0.4, 1.0, "13800000012", "13900000077"),
];
const listed = {
  source_record: "PC-2026-004417", name: "欧阳建国", sex: "M", date_of_birth: "1979-04-12",
  id_number: "110105197904120012", phone: "13800000012", plate: "京A12345",
};
const basis = {
  ground: "arrest_warrant", issuer: "北京市朝阳区人民法院", instrument: "(2026) 京0105 刑捕 417 号",
  action: "发现后立即通知签发机关，核实身份后再行处置。", expires_on: "2027-03-31",
};

function hit(kind, list, database, fields) {
  const prior = -20_000;
  const weight = fields.reduce((sum, { weight_mbits }) => sum + weight_mbits, 0);
  const posterior = 1 / (1 + 2 ** (-(prior + weight) / 1000));
  const against = fields.filter(({ weight_mbits }) => weight_mbits < 0).map((entry) => entry.field);
  return {
    id: crypto.randomUUID(), list, database, probability: posterior, weight_mbits: weight,
    explanation: { prior_mbits: prior, fields, posterior, keys: kind === "plate_hit" ? ["plate"] : ["id_number", "pinyin_birth_date"], against },
    record: list ? listed : null,
    reference: database ? { source_record: "REF-88120", name: "OUYANG Jianguo", date_of_birth: "1979-04-12", plate: "京A12345" } : null,
    ...(list ? basis : { ground: null, issuer: null, instrument: null, action: null, expires_on: null }),
  };
}

const titleOf = (subject, list, database, language) => [subject,
  [lists.find(({ name }) => name === list), databases.find(({ name }) => name === database)]
    .filter(Boolean).map(({ title }) => title[language]).join(" × ")].join(" · ");

export function makeAlert(kind, state, { list, database, subject, minutes, cameraNumber = 1, severity = "high", history = [] }) {
  const isPlate = kind === "plate_hit";
  const created_us = nowUs() - minutes * MINUTE;
  const seen = cameras[cameraNumber - 1];
  return {
    id: `0199-${Math.random().toString(16).slice(2, 10)}`, kind, state, version: 1 + history.length, severity, created_us,
    center_id: center.id, center_name: center.name,
    title: { zh: titleOf(subject, list, database, "zh"), en: titleOf(subject, list, database, "en") },
    list, database, camera: isPlate ? { id: seen.id, name: seen.name } : null,
    observed_us: isPlate ? created_us - 1_400_000 : null, plate: isPlate ? subject : null,
    sightings: isPlate ? 3 : 0, last_observed_us: isPlate ? created_us + 20_000_000 : null,
    verifications: history.filter(({ to }) => to === "verified").length, verifications_needed: list === "wanted" ? 2 : 1,
    hit: hit(kind, list, database, isPlate ? plateFields(subject) : personFields),
    clip: isPlate ? { camera_id: seen.id, stream: "main", start_us: created_us - 6_000_000, end_us: created_us + 6_000_000 } : null,
    history,
  };
}

const step = (minutes, who, from, to, note = "") => ({ at_us: start - minutes * MINUTE, account: who, from, to, note });
export const alerts = [
  makeAlert("plate_hit", "new", { list: "wanted", database: null, subject: "京A12345", minutes: 1 }),
  makeAlert("plate_hit", "new", { list: null, database: "stolen_vehicles", subject: "沪AD12345", minutes: 4, cameraNumber: 2 }),
  makeAlert("record_hit", "acknowledged", { list: "wanted", database: "wanted_persons", subject: "欧阳建国", minutes: 22,
    history: [step(20, "li.wei", "new", "acknowledged"), step(12, "zhang.min", "acknowledged", "verified", "Compared with the warrant on file.")] }),
  makeAlert("record_hit", "new", { list: "endangered", database: "missing_unidentified", subject: "陈晓雨", minutes: 31, severity: "medium" }),
  makeAlert("plate_hit", "dismissed", { list: null, database: "stolen_vehicles", subject: "M BX 4471", minutes: 58, cameraNumber: 6, severity: "medium",
    history: [step(57, "li.wei", "new", "acknowledged"), step(55, "li.wei", "acknowledged", "dismissed", "Vehicle was returned to its owner on 2026-11-20.")] }),
  makeAlert("record_hit", "verified", { list: "judicial", database: "lost_documents", subject: "王芳", minutes: 95, severity: "low",
    history: [step(90, "zhang.min", "new", "acknowledged"), step(80, "zhang.min", "acknowledged", "verified")] }),
  makeAlert("record_hit", "closed", { list: "missing", database: "missing_unidentified", subject: "Nguyễn Thị Lan", minutes: 1800, severity: "low",
    history: [step(1790, "zhang.min", "new", "acknowledged"), step(1700, "zhang.min", "acknowledged", "verified"), step(1500, "li.wei", "verified", "closed", "Family informed.")] }),
];

function healths() {
  const counts = {};
  for (const { health } of cameras) counts[health.state] = (counts[health.state] ?? 0) + 1;
  return counts;
}

export const overview = () => ({
  center, version: "0.1.0", time_us: nowUs(),
  cameras: { total: cameras.length, recording: cameras.filter(({ state }) => state === "recording").length, health: healths() },
  storage: { held_bytes: 8.4e11, held_share: 0.42, held_alarm: process.env.MOCK_HELD === "1", full_held: false, holds_fault: false },
  alerts: { new: alerts.filter(({ state }) => state === "new").length },
});
