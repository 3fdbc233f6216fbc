import { useTranslation } from "react-i18next";
import type { AlertDetail } from "../../api/types";
import { StateBadge } from "../../ui/badges";
import { Time } from "../../ui/Time";

/** Newest first. */
export function History({ alert }: { alert: AlertDetail }) {
  const { t } = useTranslation();
  return (
    <section className="panel" data-testid="history">
      <header className="panel-head">
        <h3>{t("detail.history")}</h3>
      </header>
      <ol className="history">
        {alert.history.toReversed().map((entry) => (
          <li key={`${entry.at_us}-${entry.to}`}>
            <div className="history-line">
              <StateBadge state={entry.to} />
              <span>{entry.account ?? t("detail.bySystem")}</span>
              <Time us={entry.at_us} isBrief />
            </div>
            {entry.note ? <p className="history-note">{entry.note}</p> : null}
          </li>
        ))}
        <li>
          <div className="history-line">
            <StateBadge state="new" />
            <span>{t("detail.raisedBySystem")}</span>
            <Time us={alert.created_us} isBrief />
          </div>
        </li>
      </ol>
    </section>
  );
}
