import { useTranslation } from "react-i18next";
import type { RepairDetail } from "../../api/repairs";
import { Panel } from "../../ui/Panel";
import { Time } from "../../ui/Time";
import { toldBy } from "./tickets";

/** What happened to the ticket, newest first. */
export function Story({ ticket }: { ticket: RepairDetail }) {
  const { t } = useTranslation();
  return (
    <Panel title={t("detail.history")} testId="repair-story">
      <ol className="history">
        {ticket.steps
          .map((step, number) => ({ ...step, ...toldBy(step), number }))
          .toReversed()
          .map(({ number, name, text, actor, at_us }) => (
            <li key={number} data-step={name}>
              <div className="history-line">
                <b>{t(`repairStep.${name}`)}</b>
                <span>{actor}</span>
                <Time us={at_us} />
              </div>
              {text === "" ? null : <p className="history-note">{text}</p>}
            </li>
          ))}
      </ol>
    </Panel>
  );
}
