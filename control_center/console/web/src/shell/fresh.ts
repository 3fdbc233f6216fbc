import { useSyncExternalStore } from "react";

/** As long as the highlight of an arrival takes to fade. */
const FRESH_MS = 6_000;

let fresh: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

function publish(next: ReadonlySet<string>): void {
  fresh = next;
  for (const listener of listeners) listener();
}

/** Alerts that have just arrived. */
export function markFresh(id: string): void {
  publish(new Set([...fresh, id]));
  setTimeout(() => publish(new Set([...fresh].filter((other) => other !== id))), FRESH_MS);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useFresh(): ReadonlySet<string> {
  return useSyncExternalStore(subscribe, () => fresh);
}
