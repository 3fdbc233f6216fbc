import { useQuery } from "@tanstack/react-query";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { boardQuery } from "../../api/queries";
import type { AlertDetail } from "../../api/types";
import { pick } from "../../i18n";
import { Plate, SeverityBadge, StateBadge } from "../../ui/badges";
import { CloseIcon } from "../../ui/icons";
import { Time } from "../../ui/Time";
import { SuspectedClone } from "../records/SuspectedClone";
import { titleOf } from "../records/titleOf";
import { headline } from "./headline";

export function DetailHead({ alert, onBack }: { alert: AlertDetail; onBack: () => void }) {
  const { t } = useTranslation();
  const board = useQuery(boardQuery).data;
  const { subject } = headline(pick(alert.title), alert.plate);
  const sides = [
    alert.list && titleOf(board, "list", alert.list),
    alert.database && titleOf(board, "database", alert.database),
  ].filter(Boolean);
  return (
    <header className="detail-head">
      <div className="detail-title">
        <h2>{alert.plate ? <Plate plate={alert.plate} isLarge /> : subject}</h2>
        <span className="detail-kind">{sides.join(" × ")}</span>
        <StateBadge state={alert.state} />
        <SeverityBadge severity={alert.severity} />
        <Button className="icon-button detail-back" aria-label={t("detail.back")} onPress={onBack}>
          <CloseIcon />
        </Button>
      </div>
      <dl className="facts">
        {alert.observed_us === null ? null : (
          <div>
            <dt>{t("detail.seen")}</dt>
            <dd>
              <Time us={alert.observed_us} />
            </dd>
          </div>
        )}
        {alert.sightings > 1 && alert.last_observed_us !== null ? (
          <div>
            <dt>{t("detail.sightings")}</dt>
            <dd>
              {t("detail.sightingsLast", { n: alert.sightings })} <Time us={alert.last_observed_us} isBrief />
            </dd>
          </div>
        ) : null}
        {alert.camera ? (
          <div>
            <dt>{t("detail.camera")}</dt>
            <dd>{alert.camera.name}</dd>
          </div>
        ) : null}
        <div>
          <dt>{t("detail.center")}</dt>
          <dd>{alert.center_name}</dd>
        </div>
        <div>
          <dt>{t("detail.raised")}</dt>
          <dd>
            <Time us={alert.created_us} />
          </dd>
        </div>
      </dl>
      <SuspectedClone fields={alert.hit.explanation.suspected_clone ?? []} />
    </header>
  );
}
