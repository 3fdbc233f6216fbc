import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { centersQuery } from "../../api/identity";
import { camerasQuery } from "../../api/queries";
import { type Account, CAMERA_STATES, type Camera } from "../../api/types";
import { LOCALE, language } from "../../i18n";
import { useKeys } from "../../shell/keymap";
import { may } from "../../shell/rights";
import { go } from "../../shell/routing";
import { Choice, Search } from "../../ui/fields";
import { count } from "../../ui/format";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states";
import { ViewTabs } from "../../ui/ViewTabs";
import { FaultBanner } from "../health/FaultBanner";
import { HealthChoice } from "../health/HealthChoice";
import { CAMERA_TABS } from "../health/tabs";
import { CameraPane } from "./CameraPane";
import { CameraTable } from "./CameraTable";
import { CenterTree } from "./CenterTree";
import {
  branchesOf,
  chosen,
  type HealthFilter,
  isFaulty,
  type Order,
  sorted,
  type StateFilter,
  within,
} from "./register";
import { RegisteringPage } from "./RegisteringPage";
import { RegisterTools } from "./RegisterTools";
import { taskOf } from "./tasks";

type Props = { openId: string | null; account: Account };

/** The register: centers, their cameras, what each does, and how it is recorded. */
export function CamerasView({ openId, account }: Props) {
  const { t } = useTranslation();
  const query = useQuery(camerasQuery);
  const mayRegister = may(account, "register");
  const task = mayRegister ? taskOf(openId) : null;
  if (task) return <RegisteringPage key={task} task={task} account={account} />;
  if (query.isPending) return <Skeleton rows={9} className="skeleton-page" />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.length === 0) {
    return (
      <EmptyState title={t("register.emptyTitle")} action={mayRegister ? <RegisterTools /> : null}>
        {t(mayRegister ? "registering.emptyBody" : "register.emptyBody")}
      </EmptyState>
    );
  }
  return <Register cameras={query.data} openId={openId} account={account} />;
}

const BY_CODE: Order = { column: "code", isDescending: false };

function Register({ cameras, openId, account }: Props & { cameras: Camera[] }) {
  const { t } = useTranslation();
  const [words, setWords] = useState("");
  const [state, setState] = useState<StateFilter>("all");
  const [health, setHealth] = useState<HealthFilter>("all");
  const [ids, setIds] = useState<ReadonlySet<string> | null>(null);
  const [centerId, setCenterId] = useState<string | null>(null);
  const [order, setOrder] = useState(BY_CODE);
  const search = useRef<HTMLDivElement>(null);
  const centers = useQuery(centersQuery).data;
  const branches = useMemo(() => branchesOf(centers ?? [], cameras), [centers, cameras]);
  const looked = useDeferredValue(words);
  const rows = useMemo(() => {
    const centers = centerId === null ? null : within(branches, centerId);
    const filter = { words: looked, state, health, centers, ids };
    return sorted(chosen(cameras, filter), order, LOCALE[language()]);
  }, [cameras, looked, state, health, ids, centerId, branches, order]);
  useKeys({
    filter: () => search.current?.querySelector<HTMLElement>("input")?.focus(),
    back: () => (openId === null ? false : go("cameras")),
  });
  const clear = () => {
    setWords("");
    setState("all");
    setHealth("all");
    setIds(null);
    setCenterId(null);
  };
  return (
    <div className="page" data-testid="cameras-view">
      <header className="page-head">
        <h1 className="visually-hidden">{t("nav.cameras")}</h1>
        <ViewTabs views={CAMERA_TABS} current="cameras" />
        <p className="page-lead">{t("register.lead")}</p>
        {may(account, "register") ? <RegisterTools /> : null}
      </header>
      <FaultBanner
        onShow={(cameraIds) => {
          clear();
          setIds(new Set(cameraIds));
        }}
      />
      <div className="register" data-open={openId !== null}>
        <CenterTree branches={branches} cameras={cameras} chosen={centerId} onChoose={setCenterId} />
        <section className="register-list" aria-label={t("nav.cameras")}>
          <div className="lock-filters" ref={search}>
            <Search label={t("register.search")} value={words} onChange={setWords} testId="camera-search" />
            <StateChoice cameras={cameras} value={state} onChange={setState} />
            <HealthChoice cameras={cameras} value={health} onChange={setHealth} />
            {ids ? (
              <Button className="button button-small" onPress={() => setIds(null)}>
                {t("fault.showAll")}
              </Button>
            ) : null}
            <span className="quiet" role="status" data-testid="camera-count">
              {t("register.shown", { n: count(rows.length), total: count(cameras.length) })}
            </span>
          </div>
          {rows.length === 0 ? (
            <EmptyState
              title={t("register.noneTitle")}
              action={
                <Button className="button" onPress={clear}>
                  {t("register.showAll")}
                </Button>
              }
            >
              {t("register.noneBody")}
            </EmptyState>
          ) : (
            <CameraTable cameras={rows} openId={openId} order={order} onOrder={setOrder} />
          )}
        </section>
        {openId === null ? null : (
          <CameraPane
            key={openId}
            camera={cameras.find(({ id }) => id === openId) ?? null}
            account={account}
            onClose={() => go("cameras")}
          />
        )}
      </div>
    </div>
  );
}

type ChoiceProps = { cameras: Camera[]; value: StateFilter; onChange: (state: StateFilter) => void };

function StateChoice({ cameras, value, onChange }: ChoiceProps) {
  const { t } = useTranslation();
  const options = [
    { value: "all" as const, label: t("register.any"), n: cameras.length },
    { value: "faulty" as const, label: t("register.faulty"), n: cameras.filter(isFaulty).length },
    ...CAMERA_STATES.map((state) => ({
      value: state,
      label: t(`camera.${state}`),
      n: cameras.filter((camera) => camera.state === state).length,
    })),
  ];
  return (
    <Choice<StateFilter>
      label={t("register.stateFilter")}
      value={value}
      options={options.map(({ value: state, label, n }) => ({ value: state, label: `${label} · ${count(n)}` }))}
      onChange={onChange}
      isCompact
      testId="camera-state-filter"
    />
  );
}
