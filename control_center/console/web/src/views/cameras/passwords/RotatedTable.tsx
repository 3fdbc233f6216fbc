import { useTranslation } from "react-i18next";
import type { RotatedDevice, RotatedState } from "../../../api/rotations";
import { hrefOf } from "../../../shell/routing";
import { RowGap, useRowsInSight } from "../rowsInSight";

/** As `registering.css` has it. */
const ROW_PX = 76;
const TONE: Record<RotatedState, string> = {
  done: "good",
  waiting: "off",
  pending: "off",
  withdrawn: "off",
  unchanged: "bad",
  rolled_back: "bad",
  unknown: "bad",
};

/** Each device: what became of it, why, and what to do. */
export function RotatedTable({ devices }: { devices: RotatedDevice[] }) {
  const { t } = useTranslation();
  const { scroller, look, first, end } = useRowsInSight(ROW_PX, devices.length);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keys
    <div className="register-scroll" ref={scroller} onScroll={look} tabIndex={0} role="group" aria-label={t("rotation.devices")}>
      <table className="grid grid-fixed rotated-table" aria-rowcount={devices.length + 1} data-testid="rotated-table">
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" data-column="device">{t("rotation.device")}</th>
            <th scope="col" data-column="cameras">{t("rotation.cameras")}</th>
            <th scope="col" data-column="state">{t("rotation.state")}</th>
            <th scope="col">{t("rotation.cause")}</th>
            <th scope="col">{t("rotation.mend")}</th>
          </tr>
        </thead>
        <tbody>
          <RowGap rows={first} rowPx={ROW_PX} />
          {devices.slice(first, end).map((one, i) => (
            <tr key={`${one.rotation_id} ${one.device} ${one.username}`} aria-rowindex={first + i + 2} data-state={one.state} data-testid="rotated-row">
              <td translate="no" title={one.device}>
                {hostOf(one.device)} <span className="grid-line quiet">{one.username}</span>
              </td>
              <td translate="no">
                <Cameras device={one} />
              </td>
              <td>
                <span className="status-mark" data-tone={TONE[one.state]}>
                  <i className="lamp" aria-hidden="true" />
                  {t(`rotatedState.${one.state}`)}
                </span>
              </td>
              <td>
                <span className="two-lines" title={one.cause ?? ""}>{one.cause}</span>
              </td>
              <td>
                <span className="two-lines">{t(`rotatedMend.${one.state}`)}</span>
              </td>
            </tr>
          ))}
          <RowGap rows={devices.length - end} rowPx={ROW_PX} />
        </tbody>
      </table>
    </div>
  );
}

/** The first leads to its camera, where a password can be entered. */
function Cameras({ device: { cameras, camera_ids } }: { device: RotatedDevice }) {
  const [first, ...others] = cameras;
  if (first === undefined) return null;
  return (
    <span className="two-lines" title={cameras.join(", ")}>
      <a href={hrefOf("cameras", camera_ids[0] ?? null)}>{first}</a>
      {others.map((code) => `, ${code}`)}
    </span>
  );
}

/** Host and port alone; the path is the same everywhere. */
const hostOf = (url: string) => url.replace(/^http:\/\//, "").replace(/\/onvif\/device_service$/, "");
