import { useQueryClient } from "@tanstack/react-query";
import i18next from "i18next";
import { useEffect, useEffectEvent, useState } from "react";
import { type Connection, followEvents } from "../api/events";
import type { Account, Alert } from "../api/types";
import { pick } from "../i18n";
import { markFresh } from "./fresh";
import { isLockedHere } from "./lock";
import { announce } from "./messages";
import { preferences } from "./preferences";
import { chime } from "./sound";

export function useEvents(account: Account): Connection {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>("connecting");
  const onNewAlert = useEffectEvent((alert: Alert) => {
    if (isLockedHere(account)) return; // it is counted, and says nothing of itself: see useMissedAlerts
    markFresh(alert.id);
    announce(i18next.t("alerts.arrived", { title: pick(alert.title) }));
    if (preferences.get("sound") === "on") chime();
  });
  useEffect(
    () => followEvents(client, { onConnection: setConnection, onNewAlert: (alert) => onNewAlert(alert) }),
    [client],
  );
  return connection;
}
