import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { checkNow, endMaintenance, healthKeys, healthOf } from "../../api/health";
import { keys } from "../../api/queries";
import type { Account, Camera } from "../../api/types";
import { may } from "../../shell/rights";
import { useAct } from "../../shell/useAct";
import { HealthMark } from "../../ui/HealthMark";
import { Panel } from "../../ui/Panel";
import { Time } from "../../ui/Time";
import { Since } from "../live/Since";
import { RepairLink } from "../repairs/RepairLink";
import { MaintenanceDialog } from "./MaintenanceDialog";

type Props = { camera: Camera; account: Account };

/** What the checks of a camera's device found, why, and what to do about it. */
export function HealthPanel({ camera, account }: Props) {
  const { t } = useTranslation();
  return (
    <Panel
      title={t("care.title")}
      testId="camera-health"
      tools={may(account, "register") ? <HealthActs camera={camera} /> : null}
    >
      <HealthFacts camera={camera} />
      <RepairLink camera={camera} account={account} />
    </Panel>
  );
}

export function HealthFacts({ camera }: { camera: Camera }) {
  const { t } = useTranslation();
  const { health } = camera;
  const state = healthOf(camera);
  return (
    <div className="panel-text health-facts">
      <span>
        <HealthMark state={state} /> <Since us={health.since_us} />
      </span>
      {health.until_us ? (
        <span data-testid="maintenance-end">
          {t("care.until")} <Time us={health.until_us} />
        </span>
      ) : null}
      <b>{t(`healthCause.${state}`)}</b>
      <span>{t(`healthMend.${state}`)}</span>
      {/* In the server's own words: what exactly was found; or why there is maintenance, in those of whoever set it. */}
      {health.cause ? (
        <span className="quiet health-words" {...(state === "maintenance" ? {} : { lang: "en" })}>
          {health.cause}
        </span>
      ) : null}
    </div>
  );
}

function HealthActs({ camera }: { camera: Camera }) {
  const { t } = useTranslation();
  const { act, isPending } = useAct();
  const [isSetting, setSetting] = useState(false);
  const { id, name } = camera;
  const check = () => act({ run: () => checkNow(id), done: t("care.checking", { name }), touches: [keys.cameras] });
  const end = () =>
    act({
      run: () => endMaintenance(id),
      done: t("care.ended", { name }),
      touches: [keys.cameras, healthKeys.faults],
    });
  return (
    <span className="panel-tools">
      <Button className="button button-small" isDisabled={isPending} onPress={check} data-testid="check-now">
        {t("care.check")}
      </Button>
      {healthOf(camera) === "maintenance" ? (
        <Button className="button button-small" isDisabled={isPending} onPress={end} data-testid="end-maintenance">
          {t("care.end")}
        </Button>
      ) : (
        <Button className="button button-small" onPress={() => setSetting(true)} data-testid="set-maintenance">
          {t("care.set")}
        </Button>
      )}
      <MaintenanceDialog camera={camera} isOpen={isSetting} onClose={() => setSetting(false)} />
    </span>
  );
}
