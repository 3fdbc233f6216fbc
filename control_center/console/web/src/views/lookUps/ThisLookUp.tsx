import { useTranslation } from "react-i18next";
import type { Account, Explanation } from "../../api/types";
import { probability } from "../../ui/format";
import { PairRows } from "../../ui/PairRows";
import { Time } from "../../ui/Time";
import type { Outcome } from "./useLookUp";

type Props = { outcome: Outcome; explanation: Explanation; account: Account };

/** Who looked, when, why and with what, so that the same can be found again. */
export function ThisLookUp({ outcome, explanation, account }: Props) {
  const { t } = useTranslation();
  const { versions = {}, runner_up: runnerUp } = explanation;
  const rows: [string, string | undefined][] = [
    [t("lookUp.by"), account.display_name],
    [t("reason.reason"), outcome.why.reason],
    [t("reason.case"), outcome.why.case_number],
    [t("lookUp.runnerUp"), runnerUp ? probability(runnerUp.probability) : t("lookUp.noRunnerUp")],
    [t("lookUp.catalogue"), versions["catalogue"]],
    [t("lookUp.model"), versions["model"]],
    [t("lookUp.normalising"), versions["normalising"]],
    [t("lookUp.trail"), outcome.found.id],
  ];
  return (
    <section className="panel" data-testid="this-look-up">
      <header className="panel-head">
        <h3>{t("lookUp.this")}</h3>
      </header>
      <dl className="pairs">
        <div>
          <dt>{t("lookUp.at")}</dt>
          <dd>
            <Time us={outcome.at_us} />
          </dd>
        </div>
        <PairRows rows={rows} />
      </dl>
    </section>
  );
}
