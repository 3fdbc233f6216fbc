import { type Dispatch, type PointerEvent, type RefObject, type SetStateAction, useEffect, useRef } from "react";
import type { Point } from "./mercator";
import { panned, type Viewport, zoomed } from "./viewport";

type Options = {
  frame: RefObject<HTMLElement | null>;
  setView: Dispatch<SetStateAction<Viewport>>;
  onPress: (at: Point) => void;
  /** Null: the pointer left. */
  onHover: (at: Point | null) => void;
};

/** A press that moves less is no drag. */
const STILL_PX = 4;
const WHEEL_PER_ZOOM = 320;
const PX_PER_LINE = 16;

/** One pointer drags, two pinch, the wheel zooms around where it stands, a press without moving chooses. */
export function useDrag({ frame, setView, onPress, onHover }: Options) {
  const pointers = useRef(new Map<number, Point>());
  const moved = useRef(0);
  useWheel(frame, setView);

  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    if (pointers.current.size === 0) moved.current = 0;
    pointers.current.set(event.pointerId, spot(event));
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const before = pointers.current.get(event.pointerId);
    const now = spot(event);
    if (!before) return onHover(now);
    const [other] = [...pointers.current].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    pointers.current.set(event.pointerId, now);
    moved.current += apart(before, now);
    if (moved.current < STILL_PX) return undefined;
    setView((view) => (other ? pinched(view, other, before, now) : panned(view, now.x - before.x, now.y - before.y)));
    return undefined;
  };
  const onPointerUp = (event: PointerEvent<HTMLElement>) => {
    const wasDown = pointers.current.delete(event.pointerId);
    if (wasDown && pointers.current.size === 0 && moved.current < STILL_PX) onPress(spot(event));
  };
  const onPointerCancel = (event: PointerEvent<HTMLElement>) => {
    pointers.current.delete(event.pointerId);
  };
  return { onPointerDown, onPointerMove, onPointerUp, onPointerCancel, onPointerLeave: () => onHover(null) };
}

function spot({ currentTarget, clientX, clientY }: PointerEvent<HTMLElement>): Point {
  const { left, top } = currentTarget.getBoundingClientRect();
  return { x: clientX - left, y: clientY - top };
}

const apart = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

function pinched(view: Viewport, still: Point, before: Point, now: Point): Viewport {
  const by = Math.log2(Math.max(1, apart(still, now)) / Math.max(1, apart(still, before)));
  return zoomed(view, by, still);
}

/** Added by hand: React's own listener could not keep the browser from zooming the page. */
function useWheel(frame: RefObject<HTMLElement | null>, setView: Dispatch<SetStateAction<Viewport>>): void {
  useEffect(() => {
    const element = frame.current;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { left, top } = (element ?? document.body).getBoundingClientRect();
      const at = { x: event.clientX - left, y: event.clientY - top };
      const px = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? PX_PER_LINE : 1);
      setView((view) => zoomed(view, -px / WHEEL_PER_ZOOM, at));
    };
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  }, [frame, setView]);
}
