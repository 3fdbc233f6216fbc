import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { auditQuery, EVERYTHING } from "../../api/audit";
import { useKeys } from "../../shell/keymap";
import { go } from "../../shell/routing";
import { MorePages } from "../../ui/MorePages";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states";
import { ViewTabs } from "../../ui/ViewTabs";
import { AuditEntryPane } from "./AuditEntryPane";
import { AuditFilters } from "./AuditFilters";
import { AuditTable } from "./AuditTable";
import { ChainStatus } from "./ChainStatus";
import { ExportDialog } from "./ExportDialog";

export const AUDIT_TABS = ["audit", "report"] as const;

/** The audit trail: search, one entry in full, the chain's state, and export. */
export function AuditView({ openId }: { openId: string | null }) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState(EVERYTHING);
  const query = useInfiniteQuery(auditQuery(filter));
  const entries = query.data?.pages.flatMap((page) => page.items) ?? [];
  const open = entries.find(({ seq }) => String(seq) === openId) ?? null;
  useKeys({ back: () => (openId === null ? false : go("audit")) });

  return (
    <div className="page" data-testid="audit-view">
      <header className="page-head">
        <h1 className="visually-hidden">{t("nav.audit")}</h1>
        <ViewTabs views={AUDIT_TABS} current="audit" />
        <ChainStatus />
        <ExportDialog filter={filter} />
      </header>
      <AuditFilters filter={filter} onSearch={setFilter} />
      <div className="audit-body" data-open={open !== null}>
        <div
          className="page-scroll audit-scroll"
          data-stale={query.isPlaceholderData}
          aria-busy={query.isPlaceholderData}
        >
          {query.isPending ? <Skeleton rows={8} className="skeleton-rows" /> : null}
          {query.isError && entries.length === 0 ? (
            <ErrorState error={query.error} onRetry={() => void query.refetch()} />
          ) : null}
          {query.isSuccess && entries.length === 0 ? (
            <EmptyState title={t("audit.noneTitle")}>{t("audit.noneBody")}</EmptyState>
          ) : null}
          {entries.length > 0 ? <AuditTable entries={entries} openSeq={open?.seq ?? null} /> : null}
          <MorePages query={query} />
        </div>
        {open ? <AuditEntryPane entry={open} onClose={() => go("audit")} /> : null}
      </div>
    </div>
  );
}
