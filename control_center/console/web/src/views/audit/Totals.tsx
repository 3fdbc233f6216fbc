import { useTranslation } from "react-i18next";
import { term } from "../../i18n";
import { count } from "../../ui/format";

/** How many looks of each kind, and by how many people; kinds with none are left out. */
export function Totals({ totals }: { totals: Record<string, unknown> }) {
  const { t } = useTranslation();
  const figures = figuresOf(totals).filter(([, n]) => n > 0);
  return (
    <dl className="figures" aria-label={t("report.totals")} data-testid="report-totals">
      {figures.map(([name, n]) => (
        <div key={name}>
          <dt>{term("look", name)}</dt>
          <dd>{count(n)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Numbers as they stand, and those one level down: the totals may be grouped. */
export function figuresOf(totals: Record<string, unknown>): [string, number][] {
  return Object.entries(totals).flatMap(([name, value]): [string, number][] => {
    if (typeof value === "number") return [[name, value]];
    if (value === null || typeof value !== "object") return [];
    return Object.entries(value).flatMap(([inner, n]): [string, number][] =>
      typeof n === "number" ? [[inner, n]] : [],
    );
  });
}
