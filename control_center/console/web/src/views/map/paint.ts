import type { HealthState } from "../../api/types";
import { asksForHelp, HEALTH_SHAPES } from "../../ui/healthShapes";
import type { Cluster, Marker } from "./clusters";
import { graticuleOf } from "./graticule";
import { freeLabels, type Label, type Rectangle } from "./labels";
import type { Point } from "./mercator";
import type { Place } from "./places";
import { holds, inSight, toScreen, type Viewport } from "./viewport";

export type Scene = { view: Viewport; markers: readonly Marker<Place>[]; chosen: Place | null; focused: Place | null };

/** Below this what a camera covers is smaller than its mark. */
const SECTOR_ZOOM = 14;
const LABEL_ZOOM = 16;
const RAY_PX = 26;
/** How far outside of the picture something may stand whose part is in it. */
const SPARE_PX = 80;

const NAMES = ["panel", "raised", "line", "text", "text-soft", "text-quiet", "good", "medium", "bad", "accent"] as const;
export type Palette = Record<(typeof NAMES)[number], string> & { font: string };

/** The colours of the theme that is in force for this element. */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const colours = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  return { ...(colours as Record<(typeof NAMES)[number], string>), font: style.fontFamily };
}

/** Draws everything anew. `context` is scaled so that its unit is a pixel of the page. */
export function paint(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  const { view, chosen, focused } = scene;
  context.fillStyle = palette.panel;
  context.fillRect(0, 0, view.width, view.height);
  paintGraticule(context, view, palette);
  const sight = inSight(view, SPARE_PX);
  const markers = scene.markers.filter(({ at }) => holds(sight, at));
  if (view.zoom >= SECTOR_ZOOM) {
    for (const marker of markers) if (marker.kind === "camera") paintGround(context, view, marker.item, palette);
  }
  if (chosen) paintGround(context, view, chosen, palette);
  for (const marker of markers) paintMarker(context, view, marker, palette);
  for (const place of [chosen, focused]) if (place) paintRing(context, spotOf(scene, place), place, palette);
  paintLabels(context, view, markers, palette);
}

/** Where a marker is drawn. */
export function markerSpot(view: Viewport, marker: Marker<Place>): Point {
  const { x, y } = toScreen(view, marker.at);
  return marker.kind === "camera" ? { x: x + marker.aside.x, y: y + marker.aside.y } : { x, y };
}

/** Where a camera is drawn, or would be if it stood by itself. */
export function spotOf({ view, markers }: Pick<Scene, "view" | "markers">, place: Place): Point {
  const marker = markers.find((each) => each.kind === "camera" && each.item.camera.id === place.camera.id);
  return marker ? markerSpot(view, marker) : toScreen(view, place.at);
}

function paintGraticule(context: CanvasRenderingContext2D, view: Viewport, palette: Palette): void {
  const { meridians, parallels } = graticuleOf(view);
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  context.beginPath();
  for (const { px } of meridians) line(context, Math.round(px) + 0.5, 0, Math.round(px) + 0.5, view.height);
  for (const { px } of parallels) line(context, 0, Math.round(px) + 0.5, view.width, Math.round(px) + 0.5);
  context.stroke();
  context.fillStyle = palette["text-quiet"];
  context.font = `11px ${palette.font}`;
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  for (const { px, label } of meridians) context.fillText(label, px + 5, 15);
  for (const { px, label } of parallels) context.fillText(label, 6, px - 5);
}

function line(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
}

/** What it covers, and which way it looks. */
function paintGround(context: CanvasRenderingContext2D, view: Viewport, place: Place, palette: Palette): void {
  const colour = palette[HEALTH_SHAPES[place.health].tone];
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = 1;
  for (const ring of place.sector) {
    context.beginPath();
    for (const corner of ring) {
      const { x, y } = toScreen(view, corner);
      context.lineTo(x, y);
    }
    context.closePath();
    context.globalAlpha = 0.16;
    context.fill();
    context.globalAlpha = 0.6;
    context.stroke();
    context.globalAlpha = 1;
  }
  if (place.azimuth !== null) paintRay(context, toScreen(view, place.at), place.azimuth);
}

/** An arrow from the camera, in the colour that is set. */
function paintRay(context: CanvasRenderingContext2D, { x, y }: Point, azimuth: number): void {
  context.save();
  context.translate(x, y);
  context.rotate((azimuth * Math.PI) / 180);
  context.lineWidth = 2;
  context.beginPath();
  line(context, 0, 0, 0, -RAY_PX);
  context.moveTo(-4, -RAY_PX + 6);
  context.lineTo(0, -RAY_PX);
  context.lineTo(4, -RAY_PX + 6);
  context.stroke();
  context.restore();
}

function paintMarker(
  context: CanvasRenderingContext2D,
  view: Viewport,
  marker: Marker<Place>,
  palette: Palette,
): void {
  const spot = markerSpot(view, marker);
  if (marker.kind === "cluster") return paintCluster(context, spot, marker, palette);
  if (marker.aside.x !== 0 || marker.aside.y !== 0) {
    const { x, y } = toScreen(view, marker.at);
    context.strokeStyle = palette["text-quiet"];
    context.lineWidth = 1;
    context.beginPath();
    line(context, x, y, spot.x, spot.y);
    context.stroke();
  }
  return paintShape(context, spot, marker.item.health, palette);
}

const paths = new Map<HealthState, Path2D>();

function paintShape(context: CanvasRenderingContext2D, { x, y }: Point, health: HealthState, palette: Palette): void {
  const { path: words, tone, isFilled } = HEALTH_SHAPES[health];
  const path = paths.get(health) ?? new Path2D(words);
  paths.set(health, path);
  context.save();
  context.translate(x, y);
  context.lineJoin = "round";
  context.strokeStyle = palette.panel; // a rim, where marks lie over each other
  context.lineWidth = 4;
  context.stroke(path);
  context.fillStyle = isFilled ? palette[tone] : palette.panel;
  context.fill(path);
  context.strokeStyle = palette[tone];
  context.lineWidth = 1.5;
  context.stroke(path);
  context.restore();
}

export const clusterRadius = (cameras: number): number => 11 + 3.5 * String(cameras).length;

function paintCluster(
  context: CanvasRenderingContext2D,
  { x, y }: Point,
  { items, worst, asking }: Cluster<Place>,
  palette: Palette,
): void {
  const radius = clusterRadius(items.length);
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = palette.raised;
  context.fill();
  context.strokeStyle = palette[asking === 0 ? HEALTH_SHAPES[worst].tone : "text-quiet"];
  context.lineWidth = 1.5;
  context.stroke();
  if (asking > 0) paintShare(context, { x, y }, radius, asking / items.length, palette[HEALTH_SHAPES[worst].tone]);
  context.fillStyle = palette.text;
  context.font = `600 12px ${palette.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(String(items.length), x, y + 1);
  if (asksForHelp(worst)) paintShape(context, { x: x + radius * 0.75, y: y - radius * 0.75 }, worst, palette);
}

/** The part of the circle that asks for help, clockwise from the top. */
function paintShare(context: CanvasRenderingContext2D, { x, y }: Point, radius: number, share: number, colour: string) {
  context.beginPath();
  context.arc(x, y, radius, -Math.PI / 2, (share * 2 - 0.5) * Math.PI);
  context.strokeStyle = colour;
  context.lineWidth = 4;
  context.stroke();
}

function paintRing(context: CanvasRenderingContext2D, { x, y }: Point, place: Place, palette: Palette): void {
  paintShape(context, { x, y }, place.health, palette);
  context.beginPath();
  context.arc(x, y, 12, 0, 2 * Math.PI);
  context.strokeStyle = palette.accent;
  context.lineWidth = 2.5;
  context.stroke();
}

/** Names of single cameras near by; one that would lie over another is left out. */
function paintLabels(
  context: CanvasRenderingContext2D,
  view: Viewport,
  markers: readonly Marker<Place>[],
  palette: Palette,
): void {
  if (view.zoom < LABEL_ZOOM) return;
  context.font = `12px ${palette.font}`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  const marks: Rectangle[] = [];
  const labels: Label[] = [];
  for (const marker of markers) {
    const { x, y } = markerSpot(view, marker);
    marks.push({ left: x - 9, top: y - 9, right: x + 9, bottom: y + 9 });
    if (marker.kind === "cluster") continue;
    const { name } = marker.item.camera;
    labels.push({ text: name, x: x + 13, y, width: context.measureText(name).width, height: 15 });
  }
  context.lineJoin = "round";
  context.lineWidth = 3;
  for (const { text, x, y } of freeLabels(labels, marks)) {
    context.strokeStyle = palette.panel;
    context.strokeText(text, x, y);
    context.fillStyle = palette["text-soft"];
    context.fillText(text, x, y);
  }
}
