// Look-ups of the mock center. What decides the answer: the name 李晓明 has candidates, 王 is crowded, 正在 is not current,
// 503 is not indexed yet; a vehicle's plate other than 京A12345 is found by nobody; all else finds nothing.
import { databases, lists } from "./fixtures.mjs";

const side = (raw, normalised = raw) => ({ raw, normalised });
const field = (name, level, m, u, left, right) =>
  ({ field: name, level, m, u, weight_mbits: Math.round(1000 * Math.log2(m / u)), others: null, left, right });

function candidate(kind, collection, record_id, record, fields, keys, more = {}) {
  const prior = -16_600;
  const weight = fields.reduce((sum, { weight_mbits }) => sum + weight_mbits, 0);
  const posterior = 1 / (1 + 2 ** (-(prior + weight) / 1000));
  const against = fields.filter(({ weight_mbits }) => weight_mbits < 0).map((entry) => `${entry.field}:${entry.level}`);
  return {
    id: crypto.randomUUID(), kind, collection, center_id: "c-1", center_name: "望京派出所", record_id, record,
    listing: kind === "database" ? null : {
      ground: "arrest_warrant", issuer: "北京市朝阳区人民法院", instrument: "(2026) 京0105 刑捕 417 号", issued_on: "2026-03-31",
      review_on: "2026-12-31", expires_on: "2027-03-31", action: "发现后立即通知签发机关，核实身份后再行处置。",
    },
    probability: posterior, weight_mbits: weight, is_lead: posterior >= 0.95,
    explanation: {
      prior_mbits: prior, fields, posterior, keys, against, runner_up: { reference_id: "x", weight_mbits: 9000, probability: 0.0123 },
      versions: { catalogue: "3", model: "7", normalising: "8" }, ...more,
    },
  };
}

const entered = {
  name: side("李晓明", "李晓明 (li xiaoming)"), birth: side("1984/3/5", "1984-03-05"), sex: side("M"), phone: side("138 0000 0012", "13800000012"),
  id: side("110105198403051234"),
};
const persons = () => [
  candidate("list", "wanted", "PC-2026-004417",
    { name: "李晓明", sex: "M", date_of_birth: "1984-03-05", id_number: "110105198403051234", phone: "13900000077", plate: "京A12345" },
    [field("name", "exact", 0.88, 0.0002, entered.name, entered.name), field("birth_date", "exact", 0.93, 0.00005, entered.birth, side("1984-03-05")),
      field("sex", "implied", 1, 1, entered.sex, side("M")), field("phone", "different", 0.38, 1, entered.phone, side("13900000077"))],
    ["pinyin_birth_date", "name_birth_year", "name"]),
  candidate("database", "wanted_persons", "REF-88120", { name: "LI Xiaoming", date_of_birth: "1984-05-03", sex: "M", document_number: "E41827755" },
    [field("name", "romanised", 0.85, 0.0004, entered.name, side("LI Xiaoming", "li xiaoming")),
      field("birth_date", "swapped", 0.01, 0.00005, entered.birth, side("1984-05-03"))], ["name_birth_year", "name"]),
  candidate("database", "lost_documents", "LD-0017", { name: "李小明", date_of_birth: "1984-11-20", document_number: "G55201934" },
    [field("name", "homophone", 0.03, 0.0002, entered.name, side("李小明", "李小明 (li xiaoming)")),
      field("birth_date", "same_year", 0.005, 0.014, entered.birth, side("1984-11-20"))], ["name_birth_year", "name"]),
  candidate("database", "lost_documents", "LD-0102", { name: "李晓明", document_number: "E4182775S" },
    [field("name", "exact", 0.88, 0.0002, entered.name, side("李晓明", "李晓明 (li xiaoming)")),
      field("document_number", "confusable", 0.0084, 1e-7, side("E41827755"), side("E4182775S"))], ["name", "confusable_number"]),
  candidate("database", "missing_unidentified", "MU-3301", { name: "李晓鸣", date_of_birth: "1991-07-02", sex: "F", height_cm: 163, place: "Old Tower" },
    [field("name", "one_character", 0.03, 0.006, entered.name, side("李晓鸣", "李晓鸣 (li xiaoming)")),
      field("birth_date", "different", 0.015, 0.966, entered.birth, side("1991-07-02")), field("sex", "different", 0.01, 0.5, entered.sex, side("F"))], ["name"]),
];
const vehicles = () => [
  candidate("database", "stolen_vehicles", "SV-2231", { plate: "京A12345", plate_colour: "blue", make: "大众", colour: "黑" },
    [field("plate", "exact", 0.98, 1e-7, side("京A12345"), side("京A12345")), field("make", "different", 0.2, 0.9, side("丰田"), side("大众"))],
    ["plate"], { suspected_clone: ["make"] }),
  candidate("list", "wanted", "PC-2026-004418", { name: "欧阳建国", plate: "京A1Z345", plate_colour: "blue" },
    [field("plate", "confusable", 0.002, 1e-7, side("京A12345"), side("京A1Z345"))], ["plate"], { suspected_clone: [] }),
];
vehicles.lead = (it) => ({ ...it, is_lead: it.explanation.fields[0].level === "exact" });

function collectionsFor(record) {
  const [isPerson, isVehicle] = [Boolean(record.name ?? record.surname ?? record.id_number ?? record.date_of_birth), Boolean(record.plate ?? record.vin)];
  return [
    ...lists.map(({ name }) => ({ kind: "list", name, is_comparable: isPerson || isVehicle })),
    ...databases.map(({ name }) => ({ kind: "database", name, is_comparable: name === "stolen_vehicles" ? isVehicle : isPerson })),
  ];
}

const readAs = (record) => Object.entries(record).map(([name, value]) => {
  const known = { name: entered.name, date_of_birth: entered.birth, phone: entered.phone }[name];
  return { field: name === "date_of_birth" ? "birth_date" : name, raw: value, normalised: known?.raw === value ? known.normalised : value };
});
const problem = (status, kind, detail, more = {}) => ({ status, body: { type: `urn:vedette:problem:${kind}`, status, detail, ...more } });

function refusals(record) {
  const errors = [];
  if (record.date_of_birth?.startsWith("1984-02-3")) errors.push({ field: "date_of_birth", what: "'1984-02-30' is a day that does not exist.", mend: "Give a date as YYYY-MM-DD." });
  if (record.id_number && record.id_number.length < 15) errors.push({ field: "id_number", what: "this is no identity number.", mend: "Write its 15 or 18 places." });
  return errors;
}

/** Null where the path is none of these. */
export function answerLookUps(path, body) {
  if (!path.startsWith("/look-ups")) return null;
  if (!body.reason) return problem(422, "reason_required", "the policy asks for a reason.");
  if (path === "/look-ups/plates") {
    const found = body.plate === "京A12345" ? vehicles().map(vehicles.lead) : [];
    return { status: 200, body: { id: crypto.randomUUID(), read_as: readAs({ plate: body.plate }), candidates: found, found: found.length } };
  }
  const { record } = body;
  if (record.name === "503") return problem(503, "unavailable", "the records are being indexed.");
  const errors = refusals(record);
  if (errors.length) return problem(422, "invalid_input", errors[0].what, { errors });
  const candidates = record.name === "李晓明" || record.name === "王" ? persons() : [];
  return {
    status: 200,
    body: {
      id: crypto.randomUUID(), read_as: readAs(record), candidates, found: record.name === "王" ? 134 : candidates.length, collections: collectionsFor(record),
      crowded: record.name === "王" ? ["name", "name_birth_year"] : [], is_current: record.name !== "正在" && record.name !== "王",
    },
  };
}
