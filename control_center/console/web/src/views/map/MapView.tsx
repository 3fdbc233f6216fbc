import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo, useRef, useState } from "react";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { useTranslation } from "react-i18next";
import { type CoverageFeature, coverageQuery } from "../../api/coverage";
import { healthOf } from "../../api/health";
import { centersQuery } from "../../api/identity";
import { camerasQuery } from "../../api/queries";
import { type Account, type Camera, HEALTH_STATES } from "../../api/types";
import { LOCALE, language } from "../../i18n";
import { useKeys } from "../../shell/keymap";
import { go } from "../../shell/routing";
import { CenterPicker } from "../../ui/CenterPicker";
import { Search } from "../../ui/fields";
import { count } from "../../ui/format";
import { HealthMark } from "../../ui/HealthMark";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states";
import { branchesOf, chosen, type HealthFilter, sorted, within } from "../cameras/register";
import { FaultBanner } from "../health/FaultBanner";
import { HealthChoice } from "../health/HealthChoice";
import { MapList } from "./MapList";
import { MapPane } from "./MapPane";
import { MapSurface } from "./MapSurface";
import { groundsOf, type Place, placed } from "./places";

type Props = { openId: string | null; account: Account };

/** Where the cameras are, how they are, and which way they look; without any network but the center's. */
export function MapView({ openId, account }: Props) {
  const { t } = useTranslation();
  const cameras = useQuery(camerasQuery);
  const coverage = useQuery(coverageQuery);
  if (cameras.isPending || coverage.isPending) return <Skeleton rows={9} className="skeleton-page" />;
  if (!cameras.data) return <ErrorState error={cameras.error} onRetry={() => void cameras.refetch()} />;
  if (!coverage.data) return <ErrorState error={coverage.error} onRetry={() => void coverage.refetch()} />;
  if (cameras.data.length === 0) {
    return <EmptyState title={t("register.emptyTitle")}>{t("register.emptyBody")}</EmptyState>;
  }
  return <Mapped cameras={cameras.data} features={coverage.data} openId={openId} account={account} />;
}

type MapFilter = { words: string; health: HealthFilter; centerId: string | null; ids: ReadonlySet<string> | null };
const ALL: MapFilter = { words: "", health: "all", centerId: null, ids: null };

type MappedProps = Props & { cameras: Camera[]; features: CoverageFeature[] };

function Mapped({ cameras: latest, features, openId, account }: MappedProps) {
  const { t } = useTranslation();
  const cameras = useDeferredValue(latest); // when a network goes, hundreds change within a second
  const [filter, setFilter] = useState(ALL);
  const [isUnplaced, setUnplaced] = useState(false);
  const [focusedId, setFocused] = useState<string | null>(null);
  const [pointedId, setPointed] = useState<string | null>(null);
  const search = useRef<HTMLDivElement>(null);
  const grounds = useMemo(() => groundsOf(features), [features]);
  const found = useFound(cameras, useDeferredValue(filter));
  const { places, unplaced } = useMemo(() => placed(found, grounds), [found, grounds]);
  const onMap = useMemo(() => new Map(places.map((place): [string, Place] => [place.camera.id, place])), [places]);
  useKeys({
    filter: () => search.current?.querySelector<HTMLElement>("input")?.focus(),
    back: () => (openId === null ? false : go("map")),
  });
  const placeOf = (id: string | null) => (id === null ? null : (onMap.get(id) ?? null));
  return (
    <div className="page" data-testid="map-view">
      <header className="page-head">
        <h1>{t("nav.map")}</h1>
        <p className="page-lead">{t("map.lead")}</p>
      </header>
      <FaultBanner onShow={(ids) => setFilter({ ...ALL, ids: new Set(ids) })} />
      <div className="map-page" data-open={openId !== null}>
        <section className="map-side" aria-label={t("map.list")}>
          <div className="map-filters" ref={search}>
            <Filters cameras={cameras} filter={filter} onFilter={setFilter} />
            <Shown
              found={found.length}
              total={cameras.length}
              unplaced={unplaced.length}
              isUnplaced={isUnplaced}
              onUnplaced={setUnplaced}
            />
          </div>
          <MapList
            cameras={isUnplaced ? unplaced : found}
            placed={useMemo(() => new Set(onMap.keys()), [onMap])}
            openId={openId}
            onFocus={setFocused}
          />
        </section>
        <section className="map-place" aria-label={t("nav.map")}>
          <MapSurface
            places={places}
            chosen={placeOf(openId)}
            focused={placeOf(focusedId)}
            pointed={placeOf(pointedId)}
            onFocus={setFocused}
            onPoint={setPointed}
            onChoose={(id) => go("map", id)}
          />
          <Legend cameras={found} />
        </section>
        {openId === null ? null : (
          <MapPane
            key={openId}
            camera={cameras.find(({ id }) => id === openId) ?? null}
            ground={grounds.get(openId)}
            account={account}
            onClose={() => go("map")}
          />
        )}
      </div>
    </div>
  );
}

/** The cameras that the filter leaves, by name. */
function useFound(cameras: Camera[], { words, health, centerId, ids }: MapFilter): Camera[] {
  const centers = useQuery(centersQuery).data;
  return useMemo(() => {
    const reach = centerId === null ? null : within(branchesOf(centers ?? [], []), centerId);
    const left = chosen(cameras, { words, state: "all", health, centers: reach, ids });
    return sorted(left, { column: "name", isDescending: false }, LOCALE[language()]);
  }, [cameras, centers, words, health, centerId, ids]);
}

type FiltersProps = { cameras: Camera[]; filter: MapFilter; onFilter: (filter: MapFilter) => void };

function Filters({ cameras, filter, onFilter }: FiltersProps) {
  const { t } = useTranslation();
  return (
    <>
      <Search
        label={t("register.search")}
        value={filter.words}
        onChange={(words) => onFilter({ ...filter, words })}
        testId="map-search"
      />
      <HealthChoice cameras={cameras} value={filter.health} onChange={(health) => onFilter({ ...filter, health })} />
      <CenterPicker
        label={t("register.center")}
        placeholder={t("register.all")}
        value={filter.centerId}
        onChange={(centerId) => onFilter({ ...filter, centerId })}
        isCompact
      />
      {filter.ids ? (
        <button type="button" className="button button-small" onClick={() => onFilter({ ...filter, ids: null })}>
          {t("fault.showAll")}
        </button>
      ) : null}
    </>
  );
}

type ShownProps = {
  found: number;
  total: number;
  unplaced: number;
  isUnplaced: boolean;
  onUnplaced: (isUnplaced: boolean) => void;
};

function Shown({ found, total, unplaced, isUnplaced, onUnplaced }: ShownProps) {
  const { t } = useTranslation();
  return (
    <p className="map-shown">
      <span className="quiet" role="status" data-testid="map-count">
        {t("register.shown", { n: count(found), total: count(total) })}
      </span>
      {unplaced > 0 || isUnplaced ? (
        <ToggleButton
          className="button button-small"
          isSelected={isUnplaced}
          onChange={onUnplaced}
          data-testid="map-unplaced"
        >
          {t("map.unplaced", { n: count(unplaced) })}
        </ToggleButton>
      ) : null}
    </p>
  );
}

/** What the shapes mean, and how many there are of each. */
function Legend({ cameras }: { cameras: Camera[] }) {
  const { t } = useTranslation();
  return (
    <ul className="map-legend" aria-label={t("map.legend")} data-testid="map-legend">
      {HEALTH_STATES.map((state) => [state, cameras.filter((camera) => healthOf(camera) === state).length] as const)
        .filter(([, n]) => n > 0)
        .map(([state, n]) => (
          <li key={state}>
            <HealthMark state={state} /> <b>{count(n)}</b>
          </li>
        ))}
    </ul>
  );
}
