import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { resumeRotation, type Rotation, stopRotation } from "../../../api/rotations";
import { describe } from "../../../i18n/describe";
import { BusyButton } from "../../../ui/BusyButton";
import { count } from "../../../ui/format";
import { EmptyState } from "../../../ui/states";
import { Time } from "../../../ui/Time";
import { countsOf, failedCameras, openOf, turned, worstFirst } from "./devices";
import { RotatedTable } from "./RotatedTable";

type Props = {
  rotation: Rotation;
  onChange: (rotation: Rotation) => void;
  /** Another rotation, of these cameras to begin with. */
  onChoose: (cameraIds: readonly string[]) => void;
};

/** The newest rotation, and what earlier ones have not settled: how far it is, and what to do about each device. */
export function RotationState({ rotation, onChange, onChoose }: Props) {
  const { t } = useTranslation();
  const { devices, running } = rotation;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus(); // what had the focus went with its step
  }, []);
  if (devices.length === 0) {
    return (
      <EmptyState
        title={t(running ? "rotation.elsewhereTitle" : "rotation.emptyTitle")}
        action={
          <BusyButton className="button button-primary" isBusy={false} isDisabled={running} onPress={() => onChoose([])} data-testid="rotation-new">
            {t("rotation.choose")}
          </BusyButton>
        }
      >
        {t("rotation.emptyBody")}
      </EmptyState>
    );
  }
  return (
    <div className="wizard" data-testid="rotation-state" data-running={running}>
      <div className="wizard-body">
        <h2 className="visually-hidden" tabIndex={-1} ref={heading}>
          {t("rotation.stateOf")}
        </h2>
        <Headline rotation={rotation} />
        <Counts rotation={rotation} />
        <RotatedTable devices={worstFirst(devices)} />
      </div>
      <footer className="wizard-foot">
        <Tools rotation={rotation} onChange={onChange} onChoose={onChoose} />
      </footer>
    </div>
  );
}

function Headline({ rotation: { running, stopping, ended, devices, started_us, started_by } }: { rotation: Rotation }) {
  const { t } = useTranslation();
  const [done, total] = [turned(devices), devices.length];
  const words = t("rotation.progress", { done: count(done), total: count(total) });
  const isOpen = openOf(devices).length > 0;
  return (
    <>
      <p className="progress-line" role="status">
        <b data-testid="rotation-headline">
          {running ? t(stopping ? "rotation.stopping" : "rotation.running") : t(isOpen ? "rotation.halted" : "rotation.over")}
        </b>
        <progress value={done} max={total} aria-label={words} />
        <span className="quiet">{words}</span>
      </p>
      {started_us === null ? null : (
        <p className="quiet">
          {t("rotation.begun", { who: started_by ?? "" })} <Time us={started_us} />
        </p>
      )}
      {ended && isOpen && !running ? (
        <p className="notice" data-testid="rotation-ended">
          {t(`rotationEnd.${ended.reason}`)} {ended.reason === "recorder_refused" ? <span className="quiet">({ended.what})</span> : null}
        </p>
      ) : null}
    </>
  );
}

const BAD: ReadonlySet<string> = new Set(["unknown", "rolled_back", "unchanged"]);

function Counts({ rotation: { devices } }: { rotation: Rotation }) {
  const { t } = useTranslation();
  return (
    <dl className="figures report-counts" data-testid="rotation-counts">
      {countsOf(devices).map(([state, n]) => (
        <div key={state} data-count={state} data-bad={BAD.has(state)}>
          <dt>{t(`rotatedState.${state}`)}</dt>
          <dd>{count(n)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Tools({ rotation: { running, stopping, devices }, onChange, onChoose }: Props) {
  const { t } = useTranslation();
  const halting = useMutation({ mutationFn: stopRotation, onSuccess: onChange });
  const resuming = useMutation({ mutationFn: resumeRotation, onSuccess: onChange });
  const open = openOf(devices).length;
  const failed = failedCameras(devices);
  const error = halting.error ?? resuming.error;
  return (
    <div className="wizard-tools">
      <span className="form-error" role="alert">
        {error ? describe(error) : null}
      </span>
      {running ? (
        <BusyButton className="button" isDisabled={stopping} isBusy={halting.isPending} onPress={() => halting.mutate()} data-testid="rotation-stop">
          {t("rotation.stop")}
        </BusyButton>
      ) : (
        <>
          <BusyButton className="button" isBusy={false} onPress={() => onChoose([])} data-testid="rotation-new">
            {t("rotation.another")}
          </BusyButton>
          {failed.length > 0 ? (
            <BusyButton className="button" isBusy={false} onPress={() => onChoose(failed)} data-testid="rotation-again">
              {t("rotation.again")}
            </BusyButton>
          ) : null}
          {open > 0 ? (
            <BusyButton className="button button-primary" isBusy={resuming.isPending} onPress={() => resuming.mutate()} data-testid="rotation-resume">
              {t("rotation.resume", { n: count(open) })}
            </BusyButton>
          ) : null}
        </>
      )}
    </div>
  );
}
