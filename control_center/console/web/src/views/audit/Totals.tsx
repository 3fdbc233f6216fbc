import { useTranslation } from "react-i18next";
import type { ReportTotals } from "../../api/identityTypes";
import { term } from "../../i18n";
import { count } from "../../ui/format";

/** How many looks of each kind, and by whom; kinds with none are left out. */
export function Totals({ totals: { by_kind, by_actor, lost = 0 } }: { totals: ReportTotals }) {
  const { t } = useTranslation();
  const kinds = Object.entries(by_kind ?? {}).filter(([, n]) => n > 0);
  const people = Object.entries(by_actor ?? {})
    .map(([name, kinds]) => [name, Object.values(kinds).reduce((sum, n) => sum + n, 0)] as const)
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
