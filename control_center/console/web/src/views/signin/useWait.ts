import { useSyncExternalStore } from "react";
import { ApiError } from "../../api/client";

const TICK_MS = 500;

function ticking(listener: () => void): () => void {
  const timer = setInterval(listener, TICK_MS);
  return () => clearInterval(timer);
}

/** Seconds left of the time that the server asks to wait after too many attempts; 0 when there is none. */
export function useWait(error: unknown): number {
  const untilMs = error instanceof ApiError && error.status === 429 ? error.retryAtMs : 0;
  return useSyncExternalStore(ticking, () => Math.max(0, Math.ceil((untilMs - Date.now()) / 1000)));
}
