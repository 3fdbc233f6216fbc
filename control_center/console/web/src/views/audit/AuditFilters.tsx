import { useQuery } from "@tanstack/react-query";
import { type SyntheticEvent, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { actionsQuery, type AuditFilter, EVERYTHING } from "../../api/audit";
import { useKeys } from "../../shell/keymap";
import { CenterPicker } from "../../ui/CenterPicker";
import { Choice, Entry } from "../../ui/fields";
import { SearchIcon } from "../../ui/icons";
import { Moment } from "../../ui/Moment";
import { actionName } from "./actionName";
import { midnightBefore, type Period, PERIODS, type Range, rangeOf } from "./period";

const ANY_ACTION = "*";
type Props = { filter: AuditFilter; onSearch: (filter: AuditFilter) => void };

/** A search is itself audited, so it is made when it is asked for, not with every letter. */
export function AuditFilters({ filter, onSearch }: Props) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState(filter);
  const [period, setPeriod] = useState<Period>("any");
  const [own, setOwn] = useState<Range>({ from_us: null, to_us: null });
  const form = useRef<HTMLFormElement>(null);
  const actions = useQuery(actionsQuery).data ?? [];
  useKeys({ filter: () => form.current?.querySelector<HTMLElement>("input[name=actor]")?.focus() });

  const set = (change: Partial<AuditFilter>) => setWanted({ ...wanted, ...change });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    onSearch({ ...wanted, ...rangeOf(period, own, Date.now() * 1000) });
  };
  const clear = () => {
    setWanted(EVERYTHING);
    setPeriod("any");
    onSearch(EVERYTHING);
  };

  return (
    <form ref={form} className="filter-bar" role="search" onSubmit={submit} data-testid="audit-filters">
      <Choice
        label={t("audit.period")}
        value={period}
        options={PERIODS.map((value) => ({ value, label: t(`period.${value}`) }))}
        onChange={(next) => {
          setPeriod(next);
          const nowUs = Date.now() * 1000;
          if (own.from_us === null) setOwn({ from_us: midnightBefore(nowUs), to_us: nowUs });
        }}
        testId="audit-period"
      />
      {period === "own" ? (
        <>
          <Moment
            label={t("audit.from")}
            us={own.from_us}
            onChange={(from_us) => setOwn({ ...own, from_us })}
          />
          <Moment label={t("audit.to")} us={own.to_us} onChange={(to_us) => setOwn({ ...own, to_us })} />
        </>
      ) : null}
      <Entry
        label={t("audit.actor")}
        name="actor"
        value={wanted.actor}
        onChange={(actor) => set({ actor })}
        isRequired={false}
      />
      <Choice
        label={t("audit.action")}
        value={wanted.action === "" ? ANY_ACTION : wanted.action}
        options={[
          { value: ANY_ACTION, label: t("audit.anyAction") },
          ...actions.map((value) => ({ value, label: actionName(value), note: value })),
        ]}
        onChange={(action) => set({ action: action === ANY_ACTION ? "" : action })}
        testId="audit-action"
      />
      <Entry
        label={t("audit.subject")}
        name="subject"
        value={wanted.subject}
        onChange={(subject) => set({ subject })}
        isRequired={false}
      />
      <Entry
        label={t("reason.case")}
        name="case-number"
        value={wanted.case_number}
        onChange={(case_number) => set({ case_number })}
        isRequired={false}
      />
      <CenterPicker
        label={t("detail.center")}
        placeholder={t("person.allCenters")}
        value={wanted.center_id}
        onChange={(center_id) => set({ center_id })}
      />
      <Entry
        label={t("audit.text")}
        name="text"
        value={wanted.text}
        onChange={(text) => set({ text })}
        isRequired={false}
      />
      <div className="filter-buttons">
        <Button className="button button-primary" type="submit" data-testid="audit-search">
          <SearchIcon />
          {t("audit.search")}
        </Button>
        <Button className="button" onPress={clear}>
          {t("common.clear")}
        </Button>
      </div>
    </form>
  );
}
