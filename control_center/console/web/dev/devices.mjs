// Health and places of the mock center's cameras: some without a position, three on one mast, one network that is gone.
import { cameras, nowUs } from "./fixtures.mjs";

const places = new Map();
cameras.forEach(({ id }, i) => {
  if (i % 9 === 8) return;
  const [north, east] = i < 3 ? [0, 0] : [Math.sin(i * 12.9898) * 0.06, Math.cos(i * 78.233) * 0.08];
  places.set(id, { longitude: 116.47 + east, latitude: 40.0 + north, azimuth_deg: i % 4 === 3 ? null : (i * 47) % 360 });
});

function arc({ longitude, latitude, azimuth_deg }) {
  const corner = (bearing) => {
    const angle = (bearing * Math.PI) / 180;
    return [longitude + (Math.sin(angle) * 60) / 85_300, latitude + (Math.cos(angle) * 60) / 111_200];
  };
  const apex = [longitude, latitude];
  return [apex, ...[34, 17, 0, -17, -34].map((by) => corner(azimuth_deg + by)), apex];
}

function coverage() {
  const features = cameras.flatMap(({ id, code, name }, i) => {
    const place = places.get(id);
    if (!place) return [];
    const about = { id, code, name };
    const geometry = { type: "Point", coordinates: [place.longitude, place.latitude] };
    const position = { type: "Feature", geometry, properties: { ...about, kind: "position", azimuth_deg: place.azimuth_deg } };
    if (place.azimuth_deg === null || i % 5 === 4) return [position];
    const polygon = { type: "Polygon", coordinates: [arc(place)] };
    return [position, { type: "Feature", geometry: polygon, properties: { ...about, kind: "sector" } }];
  });
  return { type: "FeatureCollection", features };
}

function faults() {
  const gone = cameras.filter(({ health }) => health.state === "unreachable");
  if (gone.length === 0) return { items: [] };
  const network = "10.1.2.0/24";
  return {
    items: [{
      id: "fault-1", kind: "network", network, cameras: gone.length, since_us: nowUs() - 5_000_000_000, camera_ids: gone.map(({ id }) => id),
      cause: `The network ${network} does not answer: most of its devices went together.`, mend: "Check the switch.",
    }],
  };
}

const availability = () => ({
  items: cameras.map(({ id, code, name, center_id, center_name }, i) => ({
    id, code, name, center_id, center_name, available: i % 7 === 5 ? null : 1 - ((i * 37) % 101) / 400,
    recorded: i % 7 === 5 ? null : 1 - ((i * 53) % 97) / 300,
  })),
});

function change(camera, health, told) {
  camera.health = { ...health, since_us: nowUs() };
  told(camera);
  return { status: 200, body: camera };
}

/** Null where the path is none of these. */
export function answerDevices(request, path, body, told) {
  if (path === "/cameras/coverage") return { status: 200, body: coverage() };
  if (path === "/cameras/availability") return { status: 200, body: availability() };
  if (path === "/devices/faults") return { status: 200, body: faults() };
  const [, , cameraId, what] = path.split("/");
  const camera = cameras.find(({ id }) => id === cameraId);
  if (!camera || (what !== "check" && what !== "maintenance")) return null;
  if (what === "check") return { status: 202, body: {} };
  if (request.method === "DELETE") return change(camera, { state: "unknown", cause: null, mend: null, until_us: null }, told);
  return change(camera, { state: "maintenance", cause: body.reason, mend: null, until_us: body.until_us }, told);
}
