import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { controlQuery, goHome, goToPreset, presetsQuery, type PtzPreset, ptzKeys } from "../../../api/ptz";
import type { Camera } from "../../../api/types";
import { describe } from "../../../i18n/describe";
import { ControlState } from "./ControlState";
import type { Pace } from "./motion";
import { Pad } from "./Pad";
import { Presets } from "./Presets";
import { useDriving } from "./useDriving";

/** Steering, for a camera that turns: one whose device tells its presets. */
export function Steer({ camera }: { camera: Camera }) {
  const presets = useQuery(presetsQuery(camera.id)).data;
  return presets ? <SteerBar camera={camera} presets={presets} /> : null;
}

function SteerBar({ camera, presets }: { camera: Camera; presets: PtzPreset[] }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [pace, setPace] = useState<Pace>("medium");
  const [fault, setFault] = useState<unknown>(null);
  const control = useQuery(controlQuery(camera.id)).data;
  const isBlocked = control !== undefined && control.holder !== null && !control.is_mine;
  const tell = (error: unknown) => {
    setFault(error);
    void client.invalidateQueries({ queryKey: ptzKeys.control });
  };
  const { mutate: send } = useMutation({ mutationFn: (command: () => Promise<void>) => command(), onError: tell });
  const go = (command: () => Promise<void>) => {
    setFault(null);
    send(command);
  };
  const toPreset = (index: number) => {
    const preset = presets[index];
    if (preset) go(() => goToPreset(camera.id, preset.token));
  };
  const home = () => go(() => goHome(camera.id));
  const { hold, release } = useDriving({
    cameraId: camera.id,
    pace,
    isBlocked,
    onFault: tell,
    onPreset: toPreset,
    onHome: home,
  });
  return (
    <div className="steer" role="group" aria-label={t("steer.label")} data-testid="steer">
      <Pad
        isBlocked={isBlocked}
        pace={pace}
        onPace={setPace}
        onHold={(direction) => {
          setFault(null);
          hold(`button ${direction}`, direction);
        }}
        onRelease={(direction) => release(`button ${direction}`)}
        onHome={home}
      />
      <Presets presets={presets} isBlocked={isBlocked} onGo={toPreset} />
      <div className="steer-state">
        {control ? <ControlState cameraId={camera.id} control={control} onFault={setFault} /> : null}
        <p className="field-hint">{t("steer.hint")}</p>
        <p className="form-error" role="alert" data-testid="steer-fault">
          {fault === null ? null : describe(fault)}
        </p>
      </div>
    </div>
  );
}
