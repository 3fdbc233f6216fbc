import { useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { type EvidenceLock, type LockFilter, locksQuery } from "../../api/evidence";
import type { Account } from "../../api/types";
import { useKeys } from "../../shell/keymap";
import { may } from "../../shell/rights";
import { Search } from "../../ui/fields";
import { PlusIcon } from "../../ui/icons";
import { MorePages } from "../../ui/MorePages";
import { Segments } from "../../ui/Segments";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states";
import { draftOf, LockDialog, type LockDraft, NEW_LOCK } from "./LockDialog";
import { LockTable } from "./LockTable";
import { ReleaseDialog } from "./ReleaseDialog";

const IN_FORCE: LockFilter = { state: "in_force", case_number: "" };
const STATES = ["in_force", "requested", "held", "released", "all"] as const;

/** Footage that is kept as evidence: what is locked, whether it is held, what there is of it, and why. */
export function EvidenceView({ account }: { account: Account }) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState(IN_FORCE);
  const [draft, setDraft] = useState<LockDraft | null>(null);
  const [leaving, setLeaving] = useState<EvidenceLock | null>(null);
  const search = useRef<HTMLDivElement>(null);
  const query = useInfiniteQuery(locksQuery(useDeferredValue(filter)));
  const locks = query.data?.pages.flatMap((page) => page.items) ?? [];
  const mayLock = may(account, "lock_evidence");
  useKeys({
    filter: () => search.current?.querySelector<HTMLElement>("input")?.focus(),
    lockFootage: () => (mayLock ? setDraft(NEW_LOCK) : false),
  });
  return (
    <div className="page" data-testid="evidence-view">
      <header className="page-head">
        <h1>{t("nav.evidence")}</h1>
        <p className="page-lead">{t("lockFootage.lead")}</p>
        {mayLock ? (
          <Button
            className="button button-small button-primary page-push"
            onPress={() => setDraft(NEW_LOCK)}
            data-testid="new-lock"
          >
            <PlusIcon />
            {t("lockFootage.make")}
          </Button>
        ) : null}
      </header>
      <div className="lock-filters" ref={search}>
        <Segments
          label={t("alerts.stateFilter")}
          value={filter.state}
          options={STATES.map((value) => ({ value, label: t(`lockState.${value}`) }))}
          onChange={(state) => setFilter({ ...filter, state })}
          testId="lock-state-filter"
        />
        <Search
          label={t("reason.case")}
          value={filter.case_number}
          onChange={(case_number) => setFilter({ ...filter, case_number })}
          testId="lock-case-filter"
        />
      </div>
      <div className="page-scroll">
        {query.isPending ? <Skeleton rows={6} className="skeleton-list" /> : null}
        {query.isError && locks.length === 0 ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : null}
        {query.isSuccess && locks.length === 0 ? (
          <EmptyState title={t("lockFootage.noneTitle")}>
            {filter === IN_FORCE ? t("lockFootage.noneBody") : t("lockFootage.noneMatch")}
          </EmptyState>
        ) : null}
        {locks.length > 0 ? (
          <LockTable
            locks={locks}
            account={account}
            onExtend={(lock) => setDraft(draftOf(lock))}
            onRelease={setLeaving}
          />
        ) : null}
        <MorePages query={query} />
      </div>
      <LockDialog draft={draft} onClose={() => setDraft(null)} />
      <ReleaseDialog lock={leaving} onClose={() => setLeaving(null)} />
    </div>
  );
}
