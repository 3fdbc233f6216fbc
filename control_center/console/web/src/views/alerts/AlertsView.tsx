import { useInfiniteQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type AlertFilter, matches } from "../../api/alertCache";
import { alertsQuery } from "../../api/queries";
import type { Account, Alert } from "../../api/types";
import { useKeys } from "../../shell/keymap";
import { go } from "../../shell/routing";
import { EmptyState } from "../../ui/states";
import { AlertDetailPane } from "./AlertDetailPane";
import { AlertList } from "./AlertList";
import { Filters } from "./Filters";

const ANY: AlertFilter = { state: "all", kind: "all" };

export function AlertsView({ openId, account }: { openId: string | null; account: Account }) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState(ANY);
  const [cursorId, setCursorId] = useState<string | null>(openId);
  const stateFilter = useRef<HTMLDivElement>(null);
  const query = useInfiniteQuery(alertsQuery(filter));
  const alerts = shownAlerts(query.data?.pages.flatMap((page) => page.items) ?? [], filter, openId);

  const open = (id: string) => {
    setCursorId(id);
    go("alerts", id);
  };
  const move = (by: 1 | -1) => {
    const at = alerts.findIndex((alert) => alert.id === cursorId);
    const next = alerts[at === -1 ? 0 : Math.min(alerts.length - 1, Math.max(0, at + by))];
    if (next) setCursorId(next.id);
  };
  useKeys({
    next: () => move(1),
    previous: () => move(-1),
    open: () => (cursorId === null ? false : open(cursorId)),
    back: () => (openId === null ? false : go("alerts")),
    filter: () => stateFilter.current?.querySelector<HTMLElement>("input:checked")?.focus(),
  });

  return (
    <div className="alerts" data-open={openId !== null}>
      <section className="alerts-list" aria-label={t("alerts.title")}>
        <Filters ref={stateFilter} filter={filter} onChange={setFilter} />
        <AlertList
          query={query}
          alerts={alerts}
          cursorId={cursorId}
          openId={openId}
          isFiltered={filter.state !== "all" || filter.kind !== "all"}
          onOpen={open}
          onClearFilter={() => setFilter(ANY)}
        />
      </section>
      <section className="alerts-detail" aria-label={t("detail.label")}>
        {openId === null ? (
          <EmptyState title={t("alerts.pickTitle")}>{t("alerts.pickBody")}</EmptyState>
        ) : (
          <AlertDetailPane key={openId} id={openId} account={account} onBack={() => go("alerts")} />
        )}
      </section>
    </div>
  );
}

/** An alert that has left the filter stays in sight while it is open. */
function shownAlerts(alerts: Alert[], filter: AlertFilter, openId: string | null): Alert[] {
  return alerts.filter((alert) => alert.id === openId || matches(alert, filter));
}
