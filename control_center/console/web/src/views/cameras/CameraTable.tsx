import { useTranslation } from "react-i18next";
import { healthOf } from "../../api/health";
import type { Camera } from "../../api/types";
import { hrefOf } from "../../shell/routing";
import { CameraStateMark } from "../../ui/badges";
import { HealthMark } from "../../ui/HealthMark";
import { useRowWalk } from "../../ui/rowWalk";
import { SortHeading } from "../../ui/SortHeading";
import { Time } from "../../ui/Time";
import { COLUMNS, type Order, turned } from "./register";
import { RowGap, useRowsInSight } from "./rowsInSight";

/** As `cameras.css` has it. */
const ROW_PX = 34;

type Props = { cameras: Camera[]; openId: string | null; order: Order; onOrder: (order: Order) => void };

/** All cameras, of which the rows in sight are drawn. j and k go from row to row, also to those that are not drawn yet. */
export function CameraTable({ cameras, openId, order, onOrder }: Props) {
  const { scroller, look, first, end } = useRowsInSight(ROW_PX, cameras.length);
  useRowWalk({ scroller, ids: cameras.map(({ id }) => id), openId, rowPx: ROW_PX, headPx: ROW_PX });
  return (
    <div className="register-scroll" ref={scroller} onScroll={look} data-testid="camera-scroll">
      <table className="grid grid-fixed camera-table" aria-rowcount={cameras.length + 1} data-testid="camera-table">
        <Headings order={order} onOrder={onOrder} />
        <tbody>
          <RowGap rows={first} rowPx={ROW_PX} />
          {cameras.slice(first, end).map((camera, i) => (
            <CameraRow key={camera.id} camera={camera} index={first + i} isOpen={camera.id === openId} />
          ))}
          <RowGap rows={cameras.length - end} rowPx={ROW_PX} />
        </tbody>
      </table>
    </div>
  );
}

function Headings({ order, onOrder }: Pick<Props, "order" | "onOrder">) {
  const { t } = useTranslation();
  return (
    <thead>
      <tr aria-rowindex={1}>
        {COLUMNS.map((column) => (
          <SortHeading
            key={column}
            column={column}
            label={t(`register.${column}`)}
            order={order}
            onTurn={() => onOrder(turned(order, column))}
          />
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
      <td>
        <HealthMark state={healthOf(camera)} />
      </td>
      <td>{camera.state_since_us === null ? null : <Time us={camera.state_since_us} isBrief />}</td>
    </tr>
  );
}
