import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Connection } from "../api/events";
import { overviewQuery } from "../api/queries";
import type { Account, HeldFootage, Overview } from "../api/types";
import { clock, count, utc } from "../ui/format";
import { HealthShapeIcon } from "../ui/HealthMark";
import { asksForHelp, WORST_FIRST } from "../ui/healthShapes";
import { share } from "../ui/size";
import { may } from "./rights";

type Props = { connection: Connection; account: Account };

export function StatusStrip({ connection, account }: Props) {
  const { t } = useTranslation();
  const { data: overview, isError } = useQuery(overviewQuery);
  const link = isError ? "reconnecting" : connection;
  return (
    <footer className="strip" aria-label={t("strip.label")}>
      <span
        className="strip-link"
        data-connection={link}
        data-testid="connection"
        role="status"
        title={link === "reconnecting" ? t("strip.reconnectingHint") : t("strip.liveHint")}
      >
        <i className="lamp" aria-hidden="true" />
        {t(`strip.${link}`)}
      </span>
      {overview ? (
        <>
          <span className="strip-center">
            {overview.center.name} <span className="strip-quiet">{t(`level.${overview.center.level}`)}</span>
          </span>
          {may(account, "see_cameras") ? (
            <span data-testid="strip-cameras">
              <span className="strip-quiet">{t("strip.cameras")}</span>{" "}
              <b data-all={overview.cameras.recording === overview.cameras.total}>
                {t("strip.camerasOf", {
                  recording: count(overview.cameras.recording),
                  total: count(overview.cameras.total),
                })}
              </b>
            </span>
          ) : null}
          {may(account, "see_cameras") ? <AskingCameras health={overview.cameras.health} /> : null}
          {may(account, "read") ? (
            <span data-testid="strip-alerts">
              <span className="strip-quiet">{t("strip.newAlerts")}</span> <b>{count(overview.alerts.new)}</b>
            </span>
          ) : null}
          {overview.storage ? <HeldAlarm held={overview.storage} /> : null}
          <span className="strip-push">{account.display_name}</span>
          <ServerTime timeUs={overview.time_us} receivedMs={overview.receivedMs} />
          <span className="strip-quiet">Vedette {overview.version}</span>
        </>
      ) : null}
    </footer>
  );
}

/** How many cameras are in each state that asks for help, the worst first. */
function AskingCameras({ health }: { health: Overview["cameras"]["health"] }) {
  const { t } = useTranslation();
  const asking = WORST_FIRST.filter((state) => asksForHelp(state) && health[state] !== undefined);
  if (asking.length === 0) return null;
  return (
    <ul className="strip-health" aria-label={t("care.asking")} data-testid="strip-health">
      {asking.map((state) => (
        <li key={state} title={t(`health.${state}`)} data-health={state}>
          <HealthShapeIcon state={state} />
          <span className="visually-hidden">{t(`health.${state}`)}</span> <b>{count(health[state] ?? 0)}</b>
        </li>
      ))}
    </ul>
  );
}

/** Says something when held footage leaves too little room, or nothing can be purged. */
function HeldAlarm({ held }: { held: HeldFootage }) {
  const { t } = useTranslation();
  const fault = held.full_held ? "heldFull" : held.holds_fault ? "heldFault" : held.held_alarm ? "heldAlarm" : null;
  if (fault === null) return null;
  return (
    <span className="strip-alarm" role="status" title={t(`stripHint.${fault}`)} data-testid="strip-held">
      <i className="lamp" aria-hidden="true" />
      {t(`strip.${fault}`, { share: share(held.held_share) })}
    </span>
  );
}

/** Runs on from the server's last word by this machine's monotonic clock. */
function ServerTime({ timeUs, receivedMs }: { timeUs: number; receivedMs: number }) {
  const { t } = useTranslation();
  const [nowMs, setNowMs] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(performance.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const us = timeUs + Math.max(0, nowMs - receivedMs) * 1000;
  return (
    <span title={utc(us)} data-testid="server-time">
      <span className="strip-quiet">{t("strip.serverTime")}</span> <b className="time">{clock(us)}</b>
    </span>
  );
}
