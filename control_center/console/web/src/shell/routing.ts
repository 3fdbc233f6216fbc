import { useSyncExternalStore } from "react";

export const VIEWS = ["alerts", "live", "board", "evidence", "people", "sessions", "loans", "audit", "report", "account"] as const;
export type View = (typeof VIEWS)[number];
/** Views with a name in the rail or among the tabs. */
export type NamedView = Exclude<View, "account">;
export type Route = { view: View; id: string | null };

/** `#/alerts/ID`; null for what is no view of ours. */
export function parseRoute(hash: string): Route | null {
  const [view, id] = pathOf(hash).split("/");
  const known = VIEWS.find((name) => name === view);
  return known ? { view: known, id: id ? decoded(id) : null } : null;
}

/** Why the provider's sign-in came to nothing: `#/?sign-in=KIND`, written by the server. */
export function refusedSignIn(hash: string): string | null {
  return new URLSearchParams(hash.split("?")[1] ?? "").get("sign-in");
}

export function hrefOf(view: View, id: string | null = null): string {
  return id === null ? `#/${view}` : `#/${view}/${encodeURIComponent(id)}`;
}

export function go(view: View, id: string | null = null): void {
  location.hash = hrefOf(view, id);
}

const pathOf = (hash: string) => hash.replace(/^#\/?/, "").split("?")[0] ?? "";

/** Whoever types an address may type half an escape. */
function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

function subscribe(listener: () => void): () => void {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}

export function useHash(): string {
  return useSyncExternalStore(subscribe, () => location.hash);
}
