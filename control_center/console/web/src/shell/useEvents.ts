import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import i18next from "i18next";
import { type Connection, followEvents } from "../api/events";
import { pick } from "../i18n";
import { markFresh } from "./fresh";
import { announce } from "./messages";
import { preferences } from "./preferences";
import { chime } from "./sound";

export function useEvents(): Connection {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>("connecting");
  useEffect(
    () =>
      followEvents(client, {
        onConnection: setConnection,
        onNewAlert: (alert) => {
          markFresh(alert.id);
          announce(i18next.t("alerts.arrived", { title: pick(alert.title) }));
          if (preferences.get("sound") === "on") chime();
        },
      }),
    [client],
  );
  return connection;
}
