import { useTranslation } from "react-i18next";
import type { ImportReport } from "../../../api/registering";
import { count } from "../../../ui/format";

/** What an import did, or would do. */
export function ReportCounts({ report }: { report: ImportReport }) {
  const { t } = useTranslation();
  const counts = [
    ["created", report.created],
    ["changed", report.changed],
    ["unchanged", report.unchanged],
    ["refused", report.refused],
  ] as const;
  return (
    <dl className="figures report-counts" data-testid="report-counts">
      {counts.map(([name, n]) => (
        <div key={name} data-count={name} data-bad={name === "refused" && n > 0}>
          <dt>{t(`importCount.${name}`)}</dt>
          <dd>{count(n)}</dd>
        </div>
      ))}
    </dl>
  );
}
