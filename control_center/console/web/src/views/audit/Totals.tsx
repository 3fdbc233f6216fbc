import { useTranslation } from "react-i18next";
import { LOOKS, type ReportTotals } from "../../api/identityTypes";
import { term } from "../../i18n";
import { count } from "../../ui/format";

/** How many looks of each kind, and by whom; kinds with none are left out. */
export function Totals({ totals }: { totals: ReportTotals }) {
  const { t } = useTranslation();
  const { lost } = totals;
  const kinds = LOOKS.map((look) => [look, totals[look]] as const).filter(([, n]) => n > 0);
  const people = Object.entries(totals.by_actor)
    .map(([name, looks]) => [name, Object.values(looks).reduce((sum, n) => sum + n, 0)] as const)
    .toSorted(([, a], [, b]) => b - a);
  return (
    <div data-testid="report-totals">
      <dl className="figures" aria-label={t("report.totals")}>
        {kinds.map(([name, n]) => (
          <div key={name}>
            <dt>{term("look", name)}</dt>
            <dd>{count(n)}</dd>
          </div>
        ))}
      </dl>
      {people.length > 1 ? (
        <p className="report-people">
          <span className="quiet">{t("report.byPerson")}</span>
          {people.map(([name, n]) => (
            <span key={name}>
              {name} <b>{count(n)}</b>
            </span>
          ))}
        </p>
      ) : null}
      {lost > 0 ? <p className="notice report-lost">{t("report.lost", { count: lost })}</p> : null}
    </div>
  );
}
