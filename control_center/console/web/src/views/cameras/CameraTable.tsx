import { type RefObject, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Camera } from "../../api/types";
import { useKeys } from "../../shell/keymap";
import { hrefOf } from "../../shell/routing";
import { CameraStateMark } from "../../ui/badges";
import { ChevronIcon } from "../../ui/icons";
import { Time } from "../../ui/Time";
import { COLUMNS, type Column, inSight, type Order, turned } from "./register";

/** As `cameras.css` has it. */
const ROW_PX = 34;

type Props = { cameras: Camera[]; openId: string | null; order: Order; onOrder: (order: Order) => void };

/** All cameras, of which the rows in sight are drawn. j and k go from row to row, also to those that are not drawn yet. */
export function CameraTable({ cameras, openId, order, onOrder }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 0 });
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => entry && setView(viewOf(entry.target)));
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, []);
  useRowWalk(scroller, cameras, openId);
  const { first, end } = inSight(view.top, view.height, ROW_PX, cameras.length);
  return (
    <div className="register-scroll" ref={scroller} onScroll={({ currentTarget }) => setView(viewOf(currentTarget))} data-testid="camera-scroll">
      <table className="grid grid-fixed camera-table" aria-rowcount={cameras.length + 1} data-testid="camera-table">
        <Headings order={order} onOrder={onOrder} />
        <tbody>
          <Gap rows={first} />
          {cameras.slice(first, end).map((camera, i) => (
            <CameraRow key={camera.id} camera={camera} index={first + i} isOpen={camera.id === openId} />
          ))}
          <Gap rows={cameras.length - end} />
        </tbody>
      </table>
    </div>
  );
}

const viewOf = ({ scrollTop, clientHeight }: Element) => ({ top: scrollTop, height: clientHeight });

/** Moves the focus by a row; where that row is not drawn, it is scrolled to first and takes the focus once it is. */
function useRowWalk(scroller: RefObject<HTMLDivElement | null>, cameras: Camera[], openId: string | null): void {
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
    if (cameras.length === 0) return false;
    const focused = document.activeElement?.closest<HTMLElement>("[data-camera-id]")?.dataset["cameraId"];
    const at = cameras.findIndex(({ id }) => id === (focused ?? openId));
    const next = at === -1 ? 0 : Math.max(0, Math.min(cameras.length - 1, at + by));
    reveal(scroller.current, next);
    wanted.current = cameras[next]?.id ?? null;
    focusWanted();
    return undefined;
  };
  useKeys({ next: () => move(1), previous: () => move(-1) });
}

function reveal(scroller: HTMLElement | null, index: number): void {
  if (!scroller) return;
  const top = index * ROW_PX;
  const room = scroller.clientHeight - 2 * ROW_PX; // the headings stay in sight
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (top > scroller.scrollTop + room) scroller.scrollTop = top - room;
}

/** Rows that are not drawn, as high as they would be. */
function Gap({ rows }: { rows: number }) {
  return rows === 0 ? null : (
    <tr aria-hidden="true" style={{ height: rows * ROW_PX }} />
  );
}

function Headings({ order, onOrder }: Pick<Props, "order" | "onOrder">) {
  const { t } = useTranslation();
  const sortOf = (column: Column) => {
    if (order.column !== column) return "none";
    return order.isDescending ? "descending" : "ascending";
  };
  return (
    <thead>
      <tr aria-rowindex={1}>
        {COLUMNS.map((column) => (
          <th key={column} scope="col" aria-sort={sortOf(column)} data-column={column}>
            <button
              type="button"
              className="sort-button"
              onClick={() => onOrder(turned(order, column))}
              data-testid={`sort-${column}`}
            >
              {t(`register.${column}`)}
              {order.column === column ? <ChevronIcon /> : null}
            </button>
          </th>
        ))}
      </tr>
    </thead>
  );
}

function CameraRow({ camera, index, isOpen }: { camera: Camera; index: number; isOpen: boolean }) {
  return (
    <tr aria-rowindex={index + 2} data-open={isOpen} data-camera-id={camera.id} data-testid="camera-row">
      <td translate="no">
        <a className="grid-link" href={hrefOf("cameras", camera.id)} aria-current={isOpen ? "true" : undefined}>
          {camera.code}
        </a>
      </td>
      <td title={camera.name}>{camera.name}</td>
      <td title={camera.center_name}>{camera.center_name}</td>
      <td>
        <CameraStateMark state={camera.state} />
      </td>
      <td>{camera.state_since_us === null ? null : <Time us={camera.state_since_us} isBrief />}</td>
    </tr>
  );
}
