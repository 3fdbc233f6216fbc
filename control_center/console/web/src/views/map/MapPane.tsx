import { useTranslation } from "react-i18next";
import { Button } from "react-aria-components/Button";
import type { Account, Camera } from "../../api/types";
import { LiveVideo } from "../../media/LiveVideo";
import { maySee } from "../../shell/rights";
import { hrefOf } from "../../shell/routing";
import { CameraStateMark } from "../../ui/badges";
import { CloseIcon } from "../../ui/icons";
import { Panel } from "../../ui/Panel";
import { EmptyState } from "../../ui/states";
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
    <section className="camera-pane" aria-label={t("register.detail")} data-testid="map-detail">
      <header className="audit-entry-head">
        <h2>{camera?.name}</h2>
        <Button className="icon-button" aria-label={t("register.close")} onPress={onClose}>
          <CloseIcon />
        </Button>
      </header>
      {camera ? (
        <>
          <p className="quiet">
            <span translate="no">{camera.code}</span> · {camera.center_name}
          </p>
          {maySee(account, "live") ? <Picture camera={camera} /> : null}
          <p className="map-links">
            <CameraStateMark state={camera.state} />
            <a className="button button-small" href={hrefOf("cameras", camera.id)} data-testid="map-to-camera">
              {t("map.toRegister")}
            </a>
          </p>
          <HealthPanel camera={camera} account={account} />
          <Panel title={t("map.position")}>
            <PositionFacts ground={ground} />
          </Panel>
        </>
      ) : (
        <EmptyState title={t("register.missingTitle")}>{t("register.missingBody")}</EmptyState>
      )}
    </section>
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
