import type { HealthState } from "../api/types";

/** `path` in SVG's language around 0, 0, at most 7 to each side; `tone` names a colour of base.css. */
export type HealthShape = { path: string; tone: "good" | "medium" | "bad" | "accent" | "text-quiet"; isFilled: boolean };

const RING = "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0Z";

/** One shape for each state, so that whoever sees no colours tells them apart. */
export const HEALTH_SHAPES: Readonly<Record<HealthState, HealthShape>> = {
  online: { path: RING, tone: "good", isFilled: true },
  degraded: { path: "M0-6 6.2 5H-6.2Z", tone: "medium", isFilled: true },
  clock_skew: { path: "M0-6.5 6.5 0 0 6.5-6.5 0Z", tone: "medium", isFilled: true },
  stream_failed: { path: "M-5-5H5V5H-5Z", tone: "bad", isFilled: true },
  auth_failed: { path: "M0 6.2 6.2-5H-6.2Z", tone: "bad", isFilled: true },
  unreachable: { path: "M-3.2-6 0-2.8 3.2-6 6-3.2 2.8 0 6 3.2 3.2 6 0 2.8-3.2 6-6 3.2-2.8 0-6-3.2Z", tone: "bad", isFilled: true },
  maintenance: { path: "M-2-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z", tone: "accent", isFilled: true },
  disabled: { path: "M-6-2H6V2H-6Z", tone: "text-quiet", isFilled: true },
  unknown: { path: RING, tone: "text-quiet", isFilled: false },
};

/** What asks for a hand stands first. */
export const WORST_FIRST: readonly HealthState[] = [
  "unreachable",
  "auth_failed",
  "stream_failed",
  "degraded",
  "clock_skew",
  "unknown",
  "maintenance",
  "online",
  "disabled",
];
const RANK = new Map(WORST_FIRST.map((state, rank) => [state, rank]));

export const rankOf = (state: HealthState): number => RANK.get(state) ?? WORST_FIRST.length;

/** A state that somebody should do something about. */
export const asksForHelp = (state: HealthState): boolean => rankOf(state) < rankOf("unknown");
