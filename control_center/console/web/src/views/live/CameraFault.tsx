import { useTranslation } from "react-i18next";
import { CAMERA_STATES, type Camera } from "../../api/types";

/** Cause and mend of a camera that does not record. */
export function CameraFault({ camera }: { camera: Camera }) {
  const { t } = useTranslation();
  if (camera.state === "recording" || camera.state === "connecting") return null;
  const isKnown = CAMERA_STATES.includes(camera.state);
  return (
    <span className="fault" data-testid="camera-fault">
      <b>{isKnown ? t(`cause.${camera.state}`) : camera.state}</b>
      {isKnown ? <span>{t(`mend.${camera.state}`)}</span> : null}
      {camera.cause ? <span className="fault-cause">{camera.cause}</span> : null}
    </span>
  );
}
