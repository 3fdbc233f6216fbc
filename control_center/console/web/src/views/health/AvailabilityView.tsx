import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { availabilityQuery, type CameraAvailability, PERIODS, type Period } from "../../api/health";
import { hrefOf } from "../../shell/routing";
import { count } from "../../ui/format";
import { Segments } from "../../ui/Segments";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states";
import { useRowKeys } from "../../ui/useRowKeys";
import { ViewTabs } from "../../ui/ViewTabs";
import { byCenter, lowestFirst, percent } from "./shares";
import { CAMERA_TABS } from "./tabs";

/** How much of the last days the cameras could be had, by center and camera; the worst first. */
export function AvailabilityView() {
  const { t } = useTranslation();
  const [days, setDays] = useState<Period>("7");
  const query = useQuery(availabilityQuery(days));
  return (
    <div className="page" data-testid="availability-view">
      <header className="page-head">
        <h1 className="visually-hidden">{t("nav.availability")}</h1>
        <ViewTabs views={CAMERA_TABS} current="availability" />
        <p className="page-lead">{t("availability.lead")}</p>
        <Segments
          label={t("availability.period")}
          value={days}
          options={PERIODS.map((value) => ({ value, label: t("availability.days", { n: value }) }))}
          onChange={setDays}
          testId="availability-period"
        />
      </header>
      <div className="page-scroll">
        {query.isPending ? <Skeleton rows={6} className="skeleton-list" /> : null}
        {query.isError ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
        {query.data?.length === 0 ? (
          <EmptyState title={t("availability.noneTitle")}>{t("availability.noneBody")}</EmptyState>
        ) : null}
        {query.data && query.data.length > 0 ? <Tables rows={query.data} /> : null}
      </div>
    </div>
  );
}

/** So many rows at once; the worst stand first. */
const ROWS = 200;

function Tables({ rows }: { rows: CameraAvailability[] }) {
  const { t } = useTranslation();
  const [most, setMost] = useState(ROWS);
  const sorted = lowestFirst(rows);
  return (
    <>
      <h2 className="availability-title">{t("availability.byCenter")}</h2>
      <CenterTable rows={rows} />
      <h2 className="availability-title">{t("availability.byCamera")}</h2>
      <CameraTable rows={sorted.slice(0, most)} />
      {sorted.length > most ? (
        <Button className="button" onPress={() => setMost(most + ROWS)}>
          {t("common.more")}
        </Button>
      ) : null}
    </>
  );
}

function CenterTable({ rows }: { rows: CameraAvailability[] }) {
  const { t } = useTranslation();
  return (
    <table className="grid availability-table" data-testid="availability-centers">
      <thead>
        <tr>
          <th scope="col">{t("register.center")}</th>
          <th scope="col">{t("availability.cameras")}</th>
          <ShareHeadings />
        </tr>
      </thead>
      <tbody>
        {byCenter(rows).map((center) => (
          <tr key={center.id}>
            <th scope="row">{center.name}</th>
            <td>{count(center.cameras)}</td>
            <ShareCell share={center.available} />
            <ShareCell share={center.recorded} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function CameraTable({ rows }: { rows: CameraAvailability[] }) {
  const { t } = useTranslation();
  const body = useRowKeys<HTMLTableSectionElement>();
  return (
    <table className="grid availability-table" data-testid="availability-cameras">
      <thead>
        <tr>
          <th scope="col">{t("register.code")}</th>
          <th scope="col">{t("register.name")}</th>
          <th scope="col">{t("register.center")}</th>
          <ShareHeadings />
        </tr>
      </thead>
      <tbody ref={body}>
        {rows.map((row) => (
          <tr key={row.id} data-testid="availability-row">
            <th scope="row" translate="no">
              <a className="grid-link" href={hrefOf("cameras", row.id)} data-row>
                {row.code}
              </a>
            </th>
            <td>{row.name}</td>
            <td>{row.center_name}</td>
            <ShareCell share={row.available} />
            <ShareCell share={row.recorded} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ShareHeadings() {
  const { t } = useTranslation();
  return (
    <>
      <th scope="col">{t("availability.available")}</th>
      <th scope="col">{t("availability.recorded")}</th>
    </>
  );
}

/** A number, and a bar for who looks over many of them. */
function ShareCell({ share }: { share: number | null }) {
  const { t } = useTranslation();
  if (share === null) return <td className="quiet">{t("availability.notKnown")}</td>;
  return (
    <td>
      <span className="share" data-low={share < 0.9}>
        <span className="share-bar" aria-hidden="true">
          <span style={{ width: `${share * 100}%` }} />
        </span>
        {percent(share)}
      </span>
    </td>
  );
}
