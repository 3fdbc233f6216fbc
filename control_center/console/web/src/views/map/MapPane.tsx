import { useTranslation } from "react-i18next";
import type { Account, Camera } from "../../api/types";
import { LiveVideo } from "../../media/LiveVideo";
import { maySee } from "../../shell/rights";
import { hrefOf } from "../../shell/routing";
import { CameraStateMark } from "../../ui/badges";
import { Panel } from "../../ui/Panel";
import { PaneFrame } from "../cameras/PaneFrame";
import { HealthPanel } from "../health/HealthPanel";
import { CameraFault } from "../live/CameraFault";
import { hasPicture } from "../live/Tile";
import { unproject } from "./mercator";
import type { Ground } from "./places";

type Props = { camera: Camera | null; ground: Ground | undefined; account: Account; onClose: () => void };

/** The camera that was chosen on the map. */
export function MapPane({ camera, ground, account, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <PaneFrame camera={camera} onClose={onClose} testId="map-detail">
      {(shown) => (
        <>
          {maySee(account, "live") ? <Picture camera={shown} /> : null}
          <p className="map-links">
            <CameraStateMark state={shown.state} />
            <a className="button button-small" href={hrefOf("cameras", shown.id)} data-testid="map-to-camera">
              {t("map.toRegister")}
            </a>
          </p>
          <HealthPanel camera={shown} account={account} />
          <Panel title={t("map.position")}>
            <PositionFacts ground={ground} />
          </Panel>
        </>
      )}
    </PaneFrame>
  );
}

function Picture({ camera }: { camera: Camera }) {
  return (
    <div className="frame map-picture">
      {hasPicture(camera) ? <LiveVideo camera={camera} size="tile" /> : null}
      <CameraFault camera={camera} />
    </div>
  );
}

function PositionFacts({ ground }: { ground: Ground | undefined }) {
  const { t } = useTranslation();
  if (!ground) return <p className="panel-text">{t("map.noPositionHint")}</p>;
  const { latitude, longitude } = unproject(ground.at);
  return (
    <dl className="pairs">
      <div>
        <dt>{t("map.wgs84")}</dt>
        <dd translate="no">
          {latitude.toFixed(6)}, {longitude.toFixed(6)}
        </dd>
      </div>
      <div>
        <dt>{t("map.looks")}</dt>
        <dd>{ground.azimuth === null ? t("map.notKnown") : `${Math.round(ground.azimuth)}°`}</dd>
      </div>
      <div>
        <dt>{t("map.covers")}</dt>
        <dd>{ground.sector.length > 0 ? t("map.drawn") : t("map.notKnown")}</dd>
      </div>
    </dl>
  );
}
