import {
  type Dispatch,
  type KeyboardEvent,
  type RefObject,
  type SetStateAction,
  useEffect,
  useEffectEvent,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { CloserIcon, FartherIcon, FitIcon } from "../../ui/icons";
import { markersOf, SINGLE_ZOOM } from "./clusters";
import { scaleBar } from "./graticule";
import { markerAt } from "./hits";
import type { Point } from "./mercator";
import { paint, type Palette, paletteOf, type Scene, spotOf } from "./paint";
import { type Place, walked } from "./places";
import { useDrag } from "./useDrag";
import { centred, fitting, holds, inSight, panned, toScreen, type Viewport, zoomed } from "./viewport";

type Props = {
  places: Place[];
  chosen: Place | null;
  /** By keys, here or in the list: it is brought into the picture. */
  focused: Place | null;
  pointed: Place | null;
  onFocus: (cameraId: string | null) => void;
  onPoint: (cameraId: string | null) => void;
  onChoose: (cameraId: string) => void;
};

const UNSEEN: Viewport = { middle: { x: 0.5, y: 0.5 }, zoom: 2, width: 0, height: 0 };
const STEP = 1;
const PAN_PX = 120;

/** The map itself: one canvas, and what is said of it to those who do not see it. */
export function MapSurface({ places, chosen, focused, pointed, onFocus, onPoint, onChoose }: Props) {
  const { t } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  const hint = useId();
  const [view, setView] = useState(UNSEEN);
  const wholeZoom = Math.floor(view.zoom); // between two of them the marks stay the same
  const markers = useMemo(() => markersOf(places, wholeZoom), [places, wholeZoom]);
  useSize(frame, places, setView);
  useKeptInSight(focused ?? chosen, setView);
  const told = pointed ?? focused;
  const canvas = useCanvas({ view, markers, chosen, focused: told });
  const fit = () => setView((now) => fitting(now, places.map(({ at }) => at)));
  const press = (at: Point) => {
    const marker = markerAt(markers, view, at);
    if (marker?.kind === "camera") onChoose(marker.item.camera.id);
    if (marker?.kind !== "cluster") return;
    // Cameras of one mast fit nothing: come near enough to tell them apart.
    setView((now) => fitting(now, marker.items.map((item) => item.at), SINGLE_ZOOM));
  };
  const hover = (at: Point | null) => {
    const marker = at && markerAt(markers, view, at);
    onPoint(marker?.kind === "camera" ? marker.item.camera.id : null);
  };
  const drag = useDrag({ frame, setView, onPress: press, onHover: hover });
  const onKeyDown = (event: KeyboardEvent) => {
    const run = keyOf(event, {
      walk: (key) => {
        const next = walked(places, (focused ?? chosen)?.camera.id ?? null, key, view.middle);
        if (next) onFocus(next.camera.id);
      },
      pan: (x, y) => setView((now) => panned(now, x, y)),
      zoom: (by) => setView((now) => zoomed(now, by, held(now, focused ?? chosen))),
      fit,
      open: () => focused && onChoose(focused.camera.id),
    });
    if (!run) return;
    event.preventDefault();
    run();
  };
  return (
    <div className="map">
      {/* Arrow keys go from camera to camera: the list beside the map holds the same in words. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        ref={frame}
        className="map-frame"
        role="application"
        aria-label={t("map.label")}
        aria-describedby={hint}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => onFocus(null)}
        data-testid="map"
        data-zoom={view.zoom.toFixed(2)}
        {...drag}
      >
        <canvas ref={canvas} className="map-canvas" aria-hidden="true" />
        {told ? <Told place={told} at={spotOf({ view, markers }, told)} /> : null}
      </div>
      <p id={hint} className="visually-hidden">
        {t("map.hint")}
      </p>
      <div className="map-tools" role="group" aria-label={t("map.tools")}>
        <Button className="icon-button" aria-label={t("map.closer")} onPress={() => setView(zoomed(view, STEP))}>
          <CloserIcon />
        </Button>
        <Button className="icon-button" aria-label={t("map.farther")} onPress={() => setView(zoomed(view, -STEP))}>
          <FartherIcon />
        </Button>
        <Button className="icon-button" aria-label={t("map.fit")} onPress={fit} data-testid="map-fit">
          <FitIcon />
        </Button>
      </div>
      {view.width > 0 ? <ScaleBar view={view} /> : null}
    </div>
  );
}

/** What stays where it is when the keys come closer: the camera in question, if it is in sight. */
const held = (view: Viewport, place: Place | null): Point | undefined =>
  place && holds(inSight(view), place.at) ? toScreen(view, place.at) : undefined;

type Doing = {
  walk: (key: string) => void;
  pan: (x: number, y: number) => void;
  zoom: (by: number) => void;
  fit: () => void;
  open: () => void;
};

function keyOf({ key, shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent, doing: Doing): (() => void) | undefined {
  if (ctrlKey || metaKey || altKey) return undefined;
  const pans: Record<string, [number, number]> = {
    ArrowLeft: [PAN_PX, 0],
    ArrowRight: [-PAN_PX, 0],
    ArrowUp: [0, PAN_PX],
    ArrowDown: [0, -PAN_PX],
  };
  const pan = pans[key];
  if (pan) return shiftKey ? () => doing.pan(...pan) : () => doing.walk(key);
  const others: Record<string, () => void> = {
    "+": () => doing.zoom(STEP),
    "=": () => doing.zoom(STEP),
    "-": () => doing.zoom(-STEP),
    "0": doing.fit,
    Enter: doing.open,
  };
  return others[key];
}

/** The name and state of the camera under the pointer or the keys, beside its mark and to a screen reader. */
function Told({ place, at }: { place: Place; at: Point }) {
  const { t } = useTranslation();
  return (
    <p className="map-told" role="status" style={{ left: at.x, top: at.y }} data-testid="map-told">
      <b>{place.camera.name}</b>
      <span>
        <span translate="no">{place.camera.code}</span> · {t(`health.${place.health}`)}
      </span>
    </p>
  );
}

function ScaleBar({ view }: { view: Viewport }) {
  const { px, label } = scaleBar(view);
  return (
    <p className="map-scale" style={{ width: px }} data-testid="map-scale">
      {label}
    </p>
  );
}

/** Follows the size of the frame; the first one shows all cameras. */
function useSize(
  frame: RefObject<HTMLElement | null>,
  places: readonly Place[],
  setView: Dispatch<SetStateAction<Viewport>>,
): void {
  const onSize = useEffectEvent(({ width, height }: DOMRectReadOnly) =>
    setView((now) => {
      const next = { ...now, width, height };
      return now.width === 0 ? fitting(next, places.map(({ at }) => at)) : next;
    }),
  );
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => entry && onSize(entry.contentRect));
    if (frame.current) observer.observe(frame.current);
    return () => observer.disconnect();
  }, [frame]);
}

/** Whoever is chosen in the list or by a key is brought into the picture. */
function useKeptInSight(place: Place | null, setView: Dispatch<SetStateAction<Viewport>>): void {
  const id = place?.camera.id;
  useEffect(() => {
    if (place) setView((now) => (holds(inSight(now, -40), place.at) || now.width === 0 ? now : centred(now, place.at)));
    // A change of its health moves nothing.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [id]);
}

function useCanvas(scene: Scene) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const palette = usePalette(canvas);
  const { width, height } = scene.view;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context || !palette || width === 0) return;
    const ratio = devicePixelRatio;
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.current.width !== across) canvas.current.width = across;
    if (canvas.current.height !== down) canvas.current.height = down;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint(context, scene, palette);
  }, [scene, width, height, palette]);
  return canvas;
}

/** The colours, read anew when another theme is in force. */
function usePalette(element: RefObject<Element | null>): Palette | null {
  const [palette, setPalette] = useState<Palette | null>(null);
  useLayoutEffect(() => {
    const read = () => element.current && setPalette(paletteOf(element.current));
    const observer = new MutationObserver(read);
    observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    read();
    return () => observer.disconnect();
  }, [element]);
  return palette;
}
