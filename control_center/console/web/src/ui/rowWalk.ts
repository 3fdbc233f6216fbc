import { type RefObject, useLayoutEffect, useRef } from "react";
import { useKeys } from "../shell/keymap";

type Walk = {
  scroller: RefObject<HTMLElement | null>;
  ids: readonly string[];
  openId: string | null;
  rowPx: number;
  /** What stands above the rows and stays in sight. */
  headPx: number;
};

/** Moves the focus by a row; where that row is not drawn, it is scrolled to first and takes the focus once it is. */
export function useRowWalk({ scroller, ids, openId, rowPx, headPx }: Walk): void {
  const wanted = useRef<string | null>(null);
  const focusWanted = () => {
    if (wanted.current === null) return;
    const row = `[data-camera-id="${CSS.escape(wanted.current)}"] a`;
    const link = scroller.current?.querySelector<HTMLElement>(row);
    if (!link) return;
    link.focus({ preventScroll: true });
    wanted.current = null;
  };
  useLayoutEffect(focusWanted); // after each drawing: the row may be there now
  const move = (by: 1 | -1): void | false => {
    if (ids.length === 0) return false;
    const focused = document.activeElement?.closest<HTMLElement>("[data-camera-id]")?.dataset["cameraId"];
    const at = ids.indexOf(focused ?? openId ?? "");
    const next = at === -1 ? 0 : Math.max(0, Math.min(ids.length - 1, at + by));
    reveal(scroller.current, next, rowPx, headPx);
    wanted.current = ids[next] ?? null;
    focusWanted();
    return undefined;
  };
  useKeys({ next: () => move(1), previous: () => move(-1) });
}

function reveal(scroller: HTMLElement | null, index: number, rowPx: number, headPx: number): void {
  if (!scroller) return;
  const top = index * rowPx;
  const room = scroller.clientHeight - rowPx - headPx;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (top > scroller.scrollTop + room) scroller.scrollTop = top - room;
}
