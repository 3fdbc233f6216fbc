import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components/Tabs";
import type { Account, Camera } from "../../api/types";
import { may, maySee } from "../../shell/rights";
import { hrefOf, mayGo } from "../../shell/routing";
import { CameraStateMark } from "../../ui/badges";
import { Panel } from "../../ui/Panel";
import { HealthPanel } from "../health/HealthPanel";
import { CameraFault } from "../live/CameraFault";
import { Since } from "../live/Since";
import { RegisterPanel } from "./form/RegisterPanel";
import { HistoryPanel } from "./history/HistoryPanel";
import { PaneFrame } from "./PaneFrame";
import { RecordingPanel } from "./RecordingPanel";

type Props = { camera: Camera | null; account: Account; onClose: () => void };

export function CameraPane({ camera, account, onClose }: Props) {
  return (
    <PaneFrame camera={camera} onClose={onClose} testId="camera-detail">
      {(shown) => <Parts camera={shown} account={account} />}
    </PaneFrame>
  );
}

const PARTS = ["now", "register", "history"] as const;
type Part = (typeof PARTS)[number];

function Parts({ camera, account }: { camera: Camera; account: Account }) {
  const { t } = useTranslation();
  const [part, setPart] = useState<Part>("now");
  const turn = async (next: Part) => {
    if (next !== part && (await mayGo())) setPart(next);
  };
  return (
    <Tabs className="camera-parts" selectedKey={part} onSelectionChange={(key) => void turn(key as Part)} keyboardActivation="manual">
      <TabList className="tabs" aria-label={t("register.detail")}>
        {PARTS.map((name) => (
          <Tab key={name} id={name} className="tab" data-testid={`part-${name}`}>
            {t(`cameraPart.${name}`)}
          </Tab>
        ))}
      </TabList>
      <TabPanel id="now" className="camera-part">
        <StatePanel camera={camera} isWatcher={maySee(account, "live")} />
        <HealthPanel camera={camera} account={account} />
        <Streams camera={camera} />
        <RecordingPanel camera={camera} mayChange={may(account, "configure")} />
      </TabPanel>
      <TabPanel id="register" className="camera-part">
        <RegisterPanel cameraId={camera.id} mayChange={may(account, "register")} />
      </TabPanel>
      <TabPanel id="history" className="camera-part">
        <HistoryPanel cameraId={camera.id} />
      </TabPanel>
    </Tabs>
  );
}

function StatePanel({ camera, isWatcher }: { camera: Camera; isWatcher: boolean }) {
  const { t } = useTranslation();
  return (
    <Panel
      title={t("register.state")}
      tools={
        isWatcher ? (
          <a className="button button-small" href={hrefOf("live", camera.id)}>
            {t("register.watch")}
          </a>
        ) : null
      }
    >
      <div className="panel-text camera-health">
        <span>
          <CameraStateMark state={camera.state} /> <Since us={camera.state_since_us} />
        </span>
        {camera.state === "recording" ? t("register.allWell") : null}
        <CameraFault camera={camera} />
      </div>
    </Panel>
  );
}

function Streams({ camera }: { camera: Camera }) {
  const { t } = useTranslation();
  return (
    <Panel title={t("register.streams")}>
      {camera.streams.length === 0 ? <p className="panel-text">{t("register.noStream")}</p> : null}
      <dl className="pairs" data-testid="camera-streams">
        {camera.streams.map(({ name, codec, width, height }) => (
          <div key={name}>
            <dt>{t(name === "main" ? "register.main" : "register.sub")}</dt>
            <dd translate="no">
              {codec === null ? t("register.unknown") : codec.toUpperCase()}
              {width !== null && height !== null ? ` ${width} × ${height}` : null}
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
