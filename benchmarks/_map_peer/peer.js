// As many points as the console's map has, in clusters, without tiles; a frame is drawn for each step of the pointer.
import maplibregl from "maplibre-gl/dist/maplibre-gl-csp.js";
import workerUrl from "maplibre-gl/dist/maplibre-gl-csp-worker.js?url";
import "maplibre-gl/dist/maplibre-gl.css";

const POINTS = 8889;
const STATES = ["online", "unreachable", "degraded"];
const features = Array.from({ length: POINTS }, (_, i) => ({
  type: "Feature",
  properties: { state: STATES[i % STATES.length] },
  geometry: { type: "Point", coordinates: [116.47 + Math.cos(i * 78.233) * 0.08, 40 + Math.sin(i * 12.9898) * 0.06] },
}));

maplibregl.setWorkerUrl(workerUrl);
const map = new maplibregl.Map({
  container: "map",
  center: [116.47, 40],
  zoom: 11.8,
  attributionControl: false,
  style: {
    version: 8,
    sources: {
      cameras: { type: "geojson", cluster: true, clusterRadius: 32, data: { type: "FeatureCollection", features } },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": "#13191f" } },
      {
        id: "cameras",
        type: "circle",
        source: "cameras",
        paint: {
          "circle-radius": ["case", ["has", "point_count"], 16, 6],
          "circle-color": ["match", ["get", "state"], "online", "#74cba2", "unreachable", "#ff9480", "#f0b65a"],
        },
      },
    ],
  },
});
const frame = map.getContainer();
map.once("idle", () => frame.setAttribute("data-idle", ""));

let at = null;
frame.addEventListener("pointerdown", ({ clientX, clientY }) => {
  at = [clientX, clientY];
});
frame.addEventListener("pointermove", ({ clientX, clientY }) => {
  if (at) map.panBy([at[0] - clientX, at[1] - clientY], { animate: false });
  at = [clientX, clientY];
});
frame.addEventListener("keydown", ({ key }) => {
  if (key === "+") map.jumpTo({ zoom: map.getZoom() + 1 });
});
