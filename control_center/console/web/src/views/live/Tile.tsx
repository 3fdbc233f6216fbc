import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { Camera } from "../../api/types";
import { LiveVideo } from "../../media/LiveVideo";
import { CameraStateMark } from "../../ui/badges";
import { CameraFault } from "./CameraFault";
import { Since } from "./Since";

type Props = { camera: Camera; size: "tile" | "large"; isPlaying: boolean; onEnlarge: () => void };

export function Tile({ camera, size, isPlaying, onEnlarge }: Props) {
  const { t } = useTranslation();
  return (
    <li className="tile" data-testid="live-tile" data-camera-id={camera.id} data-camera-state={camera.state}>
      <Button className="tile-button" onPress={onEnlarge}>
        <span className="visually-hidden">{t("live.enlarge")}</span>
        <span className="frame">
          {isPlaying && hasPicture(camera) ? <LiveVideo camera={camera} size={size} /> : null}
          <CameraFault camera={camera} />
        </span>
        <span className="tile-caption">
          <b>{camera.name}</b>
          <span className="tile-code">{camera.code}</span>
          <CameraStateMark state={camera.state} />
          <Since us={camera.state_since_us} />
        </span>
      </Button>
    </li>
  );
}

/** A camera that sends nothing is not asked for pictures; its tile says why instead. */
export const hasPicture = ({ state }: Camera) => state === "recording" || state === "connecting";
