import { useQueryClient } from "@tanstack/react-query";
import i18next from "i18next";
import { useEffect, useEffectEvent, useState } from "react";
import { type Connection, followEvents } from "../api/events";
import type { Account, Alert } from "../api/types";
import { pick } from "../i18n";
import { markFresh } from "./fresh";
import { isLockedHere } from "./lock";
import { announce } from "./messages";
import { countMissed } from "./missed";
import { preferences } from "./preferences";
import { chime } from "./sound";

export function useEvents(account: Account): Connection {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>("connecting");
  const onNewAlert = useEffectEvent((alert: Alert) => {
    // A locked console still calls, and says nothing of what it calls for.
    if (isLockedHere(account)) countMissed();
    else {
      markFresh(alert.id);
      announce(i18next.t("alerts.arrived", { title: pick(alert.title) }));
    }
    if (preferences.get("sound") === "on") chime();
  });
  useEffect(
    () => followEvents(client, { onConnection: setConnection, onNewAlert: (alert) => onNewAlert(alert) }),
    [client],
  );
  return connection;
}
