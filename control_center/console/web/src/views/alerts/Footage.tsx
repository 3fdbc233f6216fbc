import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { camerasQuery } from "../../api/queries";
import type { Clip } from "../../api/types";
import { ClipVideo } from "../../media/ClipVideo";
import { LiveVideo } from "../../media/LiveVideo";
import { CameraStateMark } from "../../ui/badges";
import { Time } from "../../ui/Time";
import { LockClip } from "./LockClip";

type Props = { clip: Clip; alertId: string; observedUs: number | null; mayLock: boolean };

/** What was recorded then. */
export function Recording({ clip, alertId, observedUs, mayLock }: Props) {
  const { t } = useTranslation();
  const cameras = useQuery(camerasQuery).data;
  const camera = cameras?.find(({ id }) => id === clip.camera_id);
  return (
    <figure className="footage">
      <div className="frame">
        {cameras ? <ClipVideo clip={clip} alertId={alertId} camera={camera} focusUs={observedUs} /> : null}
      </div>
      <figcaption>
        <b>{t("detail.clip")}</b>
        <span>{camera?.name}</span>
        <Time us={clip.start_us} />
        {mayLock ? <LockClip clip={clip} /> : null}
      </figcaption>
    </figure>
  );
}

/** What the same camera sees now. */
export function CameraNow({ cameraId }: { cameraId: string }) {
  const { t } = useTranslation();
  const camera = useQuery(camerasQuery).data?.find(({ id }) => id === cameraId);
  return (
    <figure className="footage">
      <div className="frame">{camera ? <LiveVideo camera={camera} size="tile" /> : null}</div>
      <figcaption>
        <b>{t("detail.liveNow")}</b>
        {camera ? <CameraStateMark state={camera.state} /> : null}
      </figcaption>
    </figure>
  );
}
