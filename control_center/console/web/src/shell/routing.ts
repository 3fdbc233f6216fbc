import { useSyncExternalStore } from "react";

export const VIEWS = ["alerts", "live", "board"] as const;
export type View = (typeof VIEWS)[number];
export type Route = { view: View; id: string | null };

/** `#/alerts/ID`; what is not a view of ours is the home view. */
export function parseRoute(hash: string): Route {
  const [view, id] = hash.replace(/^#\/?/, "").split("/");
  const known = VIEWS.find((name) => name === view);
  return known ? { view: known, id: id ? decodeURIComponent(id) : null } : { view: "alerts", id: null };
}

export function hrefOf(view: View, id: string | null = null): string {
  return id === null ? `#/${view}` : `#/${view}/${encodeURIComponent(id)}`;
}

export function go(view: View, id: string | null = null): void {
  location.hash = hrefOf(view, id);
}

function subscribe(listener: () => void): () => void {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}

export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(subscribe, () => location.hash));
}
