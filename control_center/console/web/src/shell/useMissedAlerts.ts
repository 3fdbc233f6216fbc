import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { overviewQuery } from "../api/queries";
import { countMissed } from "./missed";
import { preferences } from "./preferences";
import { chime } from "./sound";

/** The server tells a locked console of no alert; but how many are new it tells everybody, and that is enough to call. */
export function useMissedAlerts(isLocked: boolean): void {
  const now = useQuery(overviewQuery).data?.alerts.new;
  const before = useRef<number | null>(null);
  useEffect(() => {
    if (now === undefined) return;
    const more = before.current === null ? 0 : now - before.current;
    before.current = now;
    if (!isLocked || more <= 0) return;
    countMissed(more);
    if (preferences.get("sound") === "on") chime();
  }, [isLocked, now]);
}
