import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { loansQuery } from "../../api/identity";
import { PlusIcon } from "../../ui/icons";
import { MorePages } from "../../ui/MorePages";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states";
import { LoanDialog } from "./LoanDialog";
import { LoanTable } from "./LoanTable";

/** Who works here for a time, and why. */
export function LoansView() {
  const { t } = useTranslation();
  const query = useInfiniteQuery(loansQuery);
  const [isLending, setLending] = useState(false);
  const loans = query.data?.pages.flatMap((page) => page.items) ?? [];
  const begin = () => setLending(true);
  return (
    <div className="page" data-testid="loans-view">
      <header className="page-head">
        <h1>{t("nav.loans")}</h1>
        <p className="page-lead">{t("loan.lead")}</p>
        <Button className="button button-small button-primary page-push" onPress={begin} data-testid="new-loan">
          <PlusIcon />
          {t("loan.make")}
        </Button>
      </header>
      <div className="page-scroll">
        {query.isPending ? <Skeleton rows={6} className="skeleton-list" /> : null}
        {query.isError && loans.length === 0 ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : null}
        {query.isSuccess && loans.length === 0 ? (
          <EmptyState title={t("loan.noneTitle")}>{t("loan.noneBody")}</EmptyState>
        ) : null}
        {loans.length > 0 ? <LoanTable loans={loans} /> : null}
        <MorePages query={query} />
      </div>
      <LoanDialog isOpen={isLending} onClose={() => setLending(false)} />
    </div>
  );
}
