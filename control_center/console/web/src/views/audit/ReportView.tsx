import { useTranslation } from "react-i18next";
import type { Account } from "../../api/types";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states";
import { ViewTabs } from "../../ui/ViewTabs";
import { AUDIT_TABS } from "./AuditView";
import { ReportFilters } from "./ReportFilters";
import { ReportSheet } from "./ReportSheet";
import { useReport } from "./useReport";

/** Who looked at what, when, and why: what a data-protection officer asks. */
export function ReportView({ account }: { account: Account }) {
  const { t } = useTranslation();
  const { report, make } = useReport();
  return (
    <div className="page" data-testid="report-view">
      <header className="page-head">
        <h1 className="visually-hidden">{t("nav.report")}</h1>
        <ViewTabs views={AUDIT_TABS} current="report" />
        <p className="page-lead">{t("report.lead")}</p>
      </header>
      <ReportFilters account={account} isPending={make.isPending} onMake={make.mutate} />
      <div className="page-scroll">
        {make.isPending ? <Skeleton rows={6} className="skeleton-rows" /> : null}
        {make.isError && !report ? (
          <ErrorState error={make.error} onRetry={() => make.variables && make.mutate(make.variables)} />
        ) : null}
        {!report && make.isIdle ? (
          <EmptyState title={t("report.pickTitle")}>{t("report.pickBody")}</EmptyState>
        ) : null}
        {report && !make.isPending ? <ReportSheet report={report} account={account} /> : null}
      </div>
    </div>
  );
}
