import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import { useEffect } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { AlertPages } from "../../api/alertCache";
import type { Alert } from "../../api/types";
import { useFresh } from "../../shell/fresh";
import { BusyButton } from "../../ui/BusyButton";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states";
import { AlertRow, rowId } from "./AlertRow";

type Props = {
  query: UseInfiniteQueryResult<AlertPages>;
  alerts: Alert[];
  cursorId: string | null;
  openId: string | null;
  isFiltered: boolean;
  onOpen: (id: string) => void;
  onClearFilter: () => void;
};

export function AlertList({ query, alerts, cursorId, openId, isFiltered, onOpen, onClearFilter }: Props) {
  const { t } = useTranslation();
  const fresh = useFresh();
  useEffect(() => {
    if (cursorId === null) return;
    document.querySelector(`#${CSS.escape(rowId(cursorId))}`)?.scrollIntoView({ block: "nearest" });
  }, [cursorId]);

  if (query.isPending) return <Skeleton rows={9} className="skeleton-list" />;
  if (query.isError && alerts.length === 0) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (alerts.length === 0) return <NoAlerts isFiltered={isFiltered} onClearFilter={onClearFilter} />;
  return (
    <div className="rows-scroll">
      <div
        className="rows"
        role="listbox"
        tabIndex={0}
        aria-label={t("alerts.list")}
        aria-activedescendant={cursorId === null ? undefined : rowId(cursorId)}
        data-testid="alert-list"
      >
        {alerts.map((alert) => (
          <AlertRow
            key={alert.id}
            alert={alert}
            isCursor={alert.id === cursorId}
            isOpen={alert.id === openId}
            isFresh={fresh.has(alert.id)}
            onOpen={onOpen}
          />
        ))}
      </div>
      {query.hasNextPage ? (
        <BusyButton
          className="button button-quiet rows-more"
          isBusy={query.isFetchingNextPage}
          onPress={() => void query.fetchNextPage()}
        >
          {query.isFetchingNextPage ? t("alerts.loadingMore") : t("alerts.more")}
        </BusyButton>
      ) : null}
    </div>
  );
}

function NoAlerts({ isFiltered, onClearFilter }: { isFiltered: boolean; onClearFilter: () => void }) {
  const { t } = useTranslation();
  if (!isFiltered) return <EmptyState title={t("alerts.emptyTitle")}>{t("alerts.emptyBody")}</EmptyState>;
  return (
    <EmptyState
      title={t("alerts.emptyFilteredTitle")}
      action={
        <Button className="button" onPress={onClearFilter}>
          {t("alerts.clearFilter")}
        </Button>
      }
    >
      {t("alerts.emptyFilteredBody")}
    </EmptyState>
  );
}
