import { useSyncExternalStore } from "react";

export const VIEWS = [
  "alerts",
  "live",
  "cameras",
  "map",
  "availability",
  "repairs",
  "board",
  "look-ups",
  "evidence",
  "people",
  "sessions",
  "loans",
  "audit",
  "report",
  "account",
] as const;
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

/** Where the console is; the address runs ahead of it while somebody is asked whether to leave. */
let accepted = globalThis.location?.hash ?? "";
let mayLeave: (() => Promise<boolean>) | null = null;

/** Ask before the console goes elsewhere; null: no more. */
export function guardLeaving(ask: (() => Promise<boolean>) | null): void {
  mayLeave = ask;
}

/** Whether what is shown may go: whoever has something unsaved is asked. */
export const mayGo = async (): Promise<boolean> => mayLeave === null || (await mayLeave());

const listeners = new Set<() => void>();

async function arrive(): Promise<void> {
  const wanted = location.hash;
  if (wanted === accepted) return;
  if (mayLeave) {
    history.replaceState(null, "", accepted);
    if (!(await mayLeave())) return;
    history.replaceState(null, "", wanted);
  }
  accepted = wanted;
  for (const listener of listeners) listener();
}

const onHash = () => void arrive();

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    accepted = location.hash; // nobody followed it meanwhile
    addEventListener("hashchange", onHash);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) removeEventListener("hashchange", onHash);
  };
}

export function useHash(): string {
  return useSyncExternalStore(subscribe, () => accepted);
}
