import { useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { type PeopleFilter, peopleQuery } from "../../api/identity";
import type { Account } from "../../api/types";
import { useKeys } from "../../shell/keymap";
import { go } from "../../shell/routing";
import { CenterPicker } from "../../ui/CenterPicker";
import { Search } from "../../ui/fields";
import { PlusIcon } from "../../ui/icons";
import { Segments } from "../../ui/Segments";
import { EmptyState } from "../../ui/states";
import { ViewTabs } from "../../ui/ViewTabs";
import { NewPersonDialog } from "./NewPersonDialog";
import { PeopleList } from "./PeopleList";
import { PersonPane } from "./PersonPane";

const ALL: PeopleFilter = { q: "", center_id: null, state: "all" };
export const PEOPLE_TABS = ["people", "sessions"] as const;

export function PeopleView({ openId, account }: { openId: string | null; account: Account }) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState(ALL);
  const [isMaking, setMaking] = useState(false);
  const search = useRef<HTMLDivElement>(null);
  const query = useInfiniteQuery(peopleQuery(useDeferredValue(filter)));
  useKeys({
    filter: () => search.current?.querySelector<HTMLElement>("input")?.focus(),
    back: () => (openId === null ? false : go("people")),
  });

  return (
    <div className="alerts" data-open={openId !== null} data-testid="people-view">
      <section className="alerts-list" aria-label={t("nav.people")}>
        <header className="filters">
          <div className="filters-line">
            <h1 className="visually-hidden">{t("nav.people")}</h1>
            <ViewTabs views={PEOPLE_TABS} current="people" />
            <Button className="button button-small" onPress={() => setMaking(true)} data-testid="new-person">
              <PlusIcon />
              {t("person.make")}
            </Button>
          </div>
          <div ref={search}>
            <Search
              label={t("person.search")}
              value={filter.q}
              onChange={(q) => setFilter({ ...filter, q })}
              testId="people-search"
            />
          </div>
          <CenterPicker
            label={t("person.centerFilter")}
            placeholder={t("person.allCenters")}
            value={filter.center_id}
            onChange={(center_id) => setFilter({ ...filter, center_id })}
            isCompact
          />
          <Segments
            label={t("alerts.stateFilter")}
            value={filter.state}
            options={[
              { value: "all", label: t("alerts.all") },
              { value: "active", label: t("person.active") },
              { value: "disabled", label: t("person.disabled") },
            ]}
            onChange={(state) => setFilter({ ...filter, state })}
          />
        </header>
        <PeopleList query={query} openId={openId} onClear={() => setFilter(ALL)} />
      </section>
      <section className="alerts-detail" aria-label={t("person.detail")}>
        {openId === null ? (
          <EmptyState title={t("person.pickTitle")}>{t("person.pickBody")}</EmptyState>
        ) : (
          <PersonPane key={openId} id={openId} account={account} onBack={() => go("people")} />
        )}
      </section>
      <NewPersonDialog isOpen={isMaking} onClose={() => setMaking(false)} />
    </div>
  );
}
