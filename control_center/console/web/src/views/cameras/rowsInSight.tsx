import { useLayoutEffect, useRef, useState } from "react";
import { inSight } from "./register";

const viewOf = ({ scrollTop, clientHeight }: Element) => ({ top: scrollTop, height: clientHeight });

/** Which rows of one height are drawn in what scrolls. */
export function useRowsInSight(rowPx: number, total: number) {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 0 });
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => entry && setView(viewOf(entry.target)));
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, []);
  const look = () => scroller.current && setView(viewOf(scroller.current));
  return { scroller, look, ...inSight(view.top, view.height, rowPx, total) };
}

/** Rows that are not drawn, as high as they would be. */
export function RowGap({ rows, rowPx }: { rows: number; rowPx: number }) {
  return rows === 0 ? null : (
    <tr aria-hidden="true" className="row-gap" style={{ height: rows * rowPx }} />
  );
}
