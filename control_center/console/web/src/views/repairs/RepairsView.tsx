import { useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { repairsQuery } from "../../api/repairs";
import type { Account } from "../../api/types";
import { LOCALE, language } from "../../i18n";
import { useKeys } from "../../shell/keymap";
import { may } from "../../shell/rights";
import { go } from "../../shell/routing";
import { CameraPicker } from "../../ui/CameraPicker";
import { Search } from "../../ui/fields";
import { PlusIcon } from "../../ui/icons";
import { MorePages } from "../../ui/MorePages";
import { Segments } from "../../ui/Segments";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states";
import { ViewTabs } from "../../ui/ViewTabs";
import { CAMERA_TABS } from "../health/tabs";
import { OpenRepairDialog } from "./OpenRepairDialog";
import { RepairPane } from "./RepairPane";
import { RepairTable } from "./RepairTable";
import { matching, OLDEST_FIRST, ordered } from "./tickets";

type Props = { openId: string | null; account: Account };

/** What is broken, who mends it, and what was done. */
export function RepairsView({ openId, account }: Props) {
  const { t } = useTranslation();
  const [isOpening, setOpening] = useState(false);
  return (
    <div className="page" data-testid="repairs-view">
      <header className="page-head">
        <h1 className="visually-hidden">{t("nav.repairs")}</h1>
        <ViewTabs views={CAMERA_TABS} current="repairs" />
        <p className="page-lead">{t("repair.lead")}</p>
        {may(account, "register") ? (
          <Button
            className="button button-small button-primary page-push"
            onPress={() => setOpening(true)}
            data-testid="new-repair"
          >
            <PlusIcon />
            {t("repair.open")}
          </Button>
        ) : null}
      </header>
      <div className="repairs" data-open={openId !== null}>
        <RepairList openId={openId} />
        {openId === null ? null : <RepairPane key={openId} id={openId} account={account} onClose={() => go("repairs")} />}
      </div>
      <OpenRepairDialog camera={null} fault="" isOpen={isOpening} onClose={() => setOpening(false)} />
    </div>
  );
}

function RepairList({ openId }: { openId: string | null }) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState({ running: true, camera_id: null as string | null });
  const [words, setWords] = useState("");
  const [order, setOrder] = useState(OLDEST_FIRST);
  const search = useRef<HTMLDivElement>(null);
  const query = useInfiniteQuery(repairsQuery(filter));
  const all = query.data?.pages.flatMap(({ items }) => items) ?? [];
  const tickets = ordered(matching(all, useDeferredValue(words)), order, LOCALE[language()]);
  useKeys({
    filter: () => search.current?.querySelector<HTMLElement>("input")?.focus(),
    back: () => (openId === null ? false : go("repairs")),
  });
  return (
    <section className="repairs-list" aria-label={t("nav.repairs")}>
      <div className="lock-filters" ref={search}>
        <Search label={t("repair.search")} value={words} onChange={setWords} testId="repair-search" />
        <Segments
          label={t("alerts.stateFilter")}
          value={filter.running ? "running" : "closed"}
          options={(["running", "closed"] as const).map((value) => ({ value, label: t(`repairFilter.${value}`) }))}
          onChange={(value) => setFilter({ ...filter, running: value === "running" })}
          testId="repair-filter"
        />
        <CameraPicker
          label={t("detail.camera")}
          placeholder={t("report.allCameras")}
          value={filter.camera_id}
          onChange={(camera_id) => setFilter({ ...filter, camera_id })}
          isCompact
          testId="repair-camera-filter"
        />
      </div>
      <div className="page-scroll">
        {query.isPending ? <Skeleton rows={6} className="skeleton-list" /> : null}
        {query.isError && all.length === 0 ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : null}
        {query.isSuccess && tickets.length === 0 ? (
          <EmptyState title={t("repair.noneTitle")}>
            {t(words === "" && filter.camera_id === null ? "repair.noneBody" : "repair.noneMatch")}
          </EmptyState>
        ) : null}
        {tickets.length > 0 ? <RepairTable tickets={tickets} openId={openId} order={order} onOrder={setOrder} /> : null}
        <MorePages query={query} />
      </div>
    </section>
  );
}
