import type { QueryClient } from "@tanstack/react-query";
import { type AlertFilter, type AlertPages, foldAlert } from "./alertCache";
import { evidenceKeys } from "./evidence";
import { ptzKeys } from "./ptz";
import { keys } from "./queries";
import { repairKeys } from "./repairs";
import type { Alert, AlertDetail, Camera } from "./types";

export type Connection = "connecting" | "live" | "reconnecting";

type Listeners = {
  onConnection: (state: Connection) => void;
  onNewAlert: (alert: Alert) => void;
};

const BACK_OFF_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
const COUNTS_DELAY_MS = 500;

/**
 * Keep the query cache in step with the server's event stream; returns what ends it.
 *
 * The browser resumes by Last-Event-ID while it reconnects by itself. When the server answers with an error it gives up
 * for good; then a new stream is opened with back-off. Either way everything is fetched again after a break.
 */
export function followEvents(client: QueryClient, listeners: Listeners): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let hadBreak = false;
  let overviewTimer: ReturnType<typeof setTimeout> | undefined;

  // A burst of events asks for the counts once.
  const refreshCounts = () => {
    overviewTimer ??= setTimeout(() => {
      overviewTimer = undefined;
      void client.invalidateQueries({ queryKey: keys.overview });
    }, COUNTS_DELAY_MS);
  };

  const open = () => {
    source = new EventSource("/api/v1/events");
    source.addEventListener("open", () => {
      failures = 0;
      listeners.onConnection("live");
      if (hadBreak) void client.invalidateQueries();
      hadBreak = false;
    });
    source.addEventListener("error", () => {
      hadBreak = true;
      listeners.onConnection("reconnecting");
      if (source?.readyState !== EventSource.CLOSED) return;
      void client.invalidateQueries({ queryKey: keys.overview });
      timer = setTimeout(open, BACK_OFF_MS[Math.min(failures++, BACK_OFF_MS.length - 1)]);
    });
    for (const [name, apply] of Object.entries(HANDLERS)) {
      source.addEventListener(name, (event) => {
        apply(client, JSON.parse(event.data as string), listeners);
        refreshCounts();
      });
    }
  };

  open();
  return () => {
    clearTimeout(timer);
    clearTimeout(overviewTimer);
    source?.close();
  };
}

type Handler = (client: QueryClient, data: unknown, listeners: Pick<Listeners, "onNewAlert">) => void;

export const HANDLERS: Record<string, Handler> = {
  "alert.created": (client, data, { onNewAlert }) => {
    const alert = data as Alert;
    foldIntoLists(client, alert);
    onNewAlert(alert);
  },
  "alert.changed": (client, data) => {
    const alert = data as Alert;
    foldIntoLists(client, alert);
    const open = client.getQueryData<AlertDetail>(keys.alert(alert.id));
    if (open && open.version < alert.version) void client.invalidateQueries({ queryKey: keys.alert(alert.id) });
  },
  "camera.changed": (client, data) => {
    const camera = data as Camera;
    client.setQueryData<Camera[]>(keys.cameras, (cameras) => cameras && foldCamera(cameras, camera));
  },
  // Its data names a lock: what is shown of it depends on the disks, too.
  "evidence.changed": (client) => {
    for (const queryKey of Object.values(evidenceKeys)) void client.invalidateQueries({ queryKey });
  },
  "repair.changed": (client) => void client.invalidateQueries({ queryKey: repairKeys.all }),
  "ptz.changed": (client) => void client.invalidateQueries({ queryKey: ptzKeys.control }),
  "board.changed": (client) => void client.invalidateQueries({ queryKey: keys.board }),
  // Something may have been missed, or what this console may see has changed.
  "feed.reset": (client) => void client.invalidateQueries(),
};

export function foldIntoLists(client: QueryClient, alert: Alert): void {
  for (const [key, pages] of client.getQueriesData<AlertPages>({ queryKey: keys.alerts })) {
    const filter = key[1] as AlertFilter | undefined;
    if (pages && filter) client.setQueryData<AlertPages>(key, foldAlert(pages, alert, filter));
  }
}

export function foldCamera(cameras: Camera[], camera: Camera): Camera[] {
  const index = cameras.findIndex((item) => item.id === camera.id);
  return index === -1 ? [...cameras, camera] : cameras.with(index, camera);
}
