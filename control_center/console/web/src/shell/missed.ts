import { useSyncExternalStore } from "react";

let missed = 0;
const listeners = new Set<() => void>();

function publish(next: number): void {
  missed = next;
  for (const listener of listeners) listener();
}

/** Alerts that arrived while the console was locked: how many, and nothing of what they say. */
export const countMissed = (more: number) => publish(missed + more);
export const forgetMissed = () => publish(0);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useMissed(): number {
  return useSyncExternalStore(subscribe, () => missed);
}
