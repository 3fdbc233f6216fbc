import { useTranslation } from "react-i18next";
import type { LeftOut, PlannedDevice, RotationPreview } from "../../../api/rotations";
import { Entry, Tick } from "../../../ui/fields";
import { count } from "../../../ui/format";
import { EmptyState } from "../../../ui/states";
import { RowGap, useRowsInSight } from "../rowsInSight";
import { faultyStages, type StagesText } from "./devices";

/** As `registering.css` has it. */
const DEVICE_PX = 34;
const LEFT_OUT_PX = 48;
const STAGES = ["canary", "wave", "max_failures"] as const;

type Props = {
  preview: RotationPreview;
  isInClear: boolean;
  onInClear: (isInClear: boolean) => void;
  stages: StagesText;
  onStages: (stages: StagesText) => void;
};

/** What a rotation would turn, in which stages, and what it would leave out. */
export function PreviewStep({ preview: { devices, left_out }, isInClear, onInClear, stages, onStages }: Props) {
  const { t } = useTranslation();
  const faulty = faultyStages(stages);
  const isAsked = isInClear || left_out.some(({ reason }) => reason === "in_clear");
  return (
    <>
      <Counts devices={devices} leftOut={left_out} />
      {isAsked ? (
        <div data-testid="in-clear">
          <Tick isSelected={isInClear} onChange={onInClear}>
            {t("rotation.inClear")}
          </Tick>
          <p className="field-hint">{t("rotation.inClearHint")}</p>
        </div>
      ) : null}
      {devices.length === 0 ? (
        <EmptyState title={t("rotation.noneTitle")}>{t("rotation.noneBody")}</EmptyState>
      ) : (
        <>
          <div className="for-all" role="group" aria-label={t("rotation.stages")}>
            {STAGES.map((name) => (
              <Entry
                key={name}
                label={t(`rotationStage.${name}`)}
                name={name}
                value={stages[name]}
                onChange={(text) => onStages({ ...stages, [name]: text })}
                inputMode="numeric"
                isInvalid={faulty.includes(name)}
              />
            ))}
            <p className="field-hint">{t("rotation.stagesHint")}</p>
          </div>
          <DeviceTable devices={devices} />
        </>
      )}
      {left_out.length > 0 ? <LeftOutTable leftOut={left_out} /> : null}
    </>
  );
}

function Counts({ devices, leftOut }: { devices: PlannedDevice[]; leftOut: LeftOut[] }) {
  const { t } = useTranslation();
  const counts = [
    ["devices", devices.length],
    ["cameras", devices.reduce((sum, { cameras }) => sum + cameras.length, 0)],
    ["left_out", leftOut.length],
  ] as const;
  return (
    <dl className="figures report-counts" data-testid="plan-counts">
      {counts.map(([name, n]) => (
        <div key={name} data-count={name} data-bad={name === "left_out" && n > 0}>
          <dt>{t(`planCount.${name}`)}</dt>
          <dd>{count(n)}</dd>
        </div>
      ))}
    </dl>
  );
}

function DeviceTable({ devices }: { devices: PlannedDevice[] }) {
  const { t } = useTranslation();
  const { scroller, look, first, end } = useRowsInSight(DEVICE_PX, devices.length);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keys
    <div className="register-scroll" ref={scroller} onScroll={look} tabIndex={0} role="group" aria-label={t("rotation.devices")}>
      <table className="grid grid-fixed found-table" aria-rowcount={devices.length + 1} data-testid="plan-table">
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">{t("rotation.device")}</th>
            <th scope="col" data-column="code">{t("rotation.user")}</th>
            <th scope="col">{t("rotation.cameras")}</th>
            <th scope="col" data-column="code">{t("rotation.way")}</th>
          </tr>
        </thead>
        <tbody>
          <RowGap rows={first} rowPx={DEVICE_PX} />
          {devices.slice(first, end).map(({ device, username, cameras, in_clear }, i) => (
            <tr key={`${device} ${username}`} aria-rowindex={first + i + 2} data-testid="plan-row">
              <td translate="no" title={device}>{device}</td>
              <td translate="no">{username}</td>
              <td translate="no" title={cameras.join(", ")}>{cameras.join(", ")}</td>
              <td>{t(in_clear ? "rotation.plain" : "rotation.encrypted")}</td>
            </tr>
          ))}
          <RowGap rows={devices.length - end} rowPx={DEVICE_PX} />
        </tbody>
      </table>
    </div>
  );
}

function LeftOutTable({ leftOut }: { leftOut: LeftOut[] }) {
  const { t } = useTranslation();
  const { scroller, look, first, end } = useRowsInSight(LEFT_OUT_PX, leftOut.length);
  return (
    <section className="problems" aria-label={t("planCount.left_out")}>
      <header className="problems-head">
        <h3>{t("planCount.left_out")}</h3>
      </header>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keys */}
      <div className="register-scroll" ref={scroller} onScroll={look} tabIndex={0} role="group" aria-label={t("planCount.left_out")}>
        <table className="grid grid-fixed problem-table" aria-rowcount={leftOut.length + 1}>
          <thead>
            <tr aria-rowindex={1}>
              <th scope="col">{t("rotation.place")}</th>
              <th scope="col">{t("importing.what")}</th>
              <th scope="col">{t("importing.mend")}</th>
            </tr>
          </thead>
          <tbody>
            <RowGap rows={first} rowPx={LEFT_OUT_PX} />
            {leftOut.slice(first, end).map(({ place, reason, what }, i) => (
              <tr key={`${place} ${reason}`} aria-rowindex={first + i + 2} data-reason={reason} data-testid="left-out-row">
                <td translate="no" title={place}>{place}</td>
                <td>
                  <span className="two-lines" title={what}>{t(`leftOut.${reason}`)}</span>
                </td>
                <td>
                  <span className="two-lines">{t(`leftOutMend.${reason}`)}</span>
                </td>
              </tr>
            ))}
            <RowGap rows={leftOut.length - end} rowPx={LEFT_OUT_PX} />
          </tbody>
        </table>
      </div>
    </section>
  );
}
