import type { EvidenceLock, Span } from "../../api/evidence";

const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;
export const LONGEST_US = 31 * 24 * HOUR_US;
/** Footage to come may be locked with what has been. */
const AHEAD_US = 24 * HOUR_US;

export const lengthOf = ({ start_us, end_us }: Span) => end_us - start_us;

/** Whole minutes that hold the span: what is typed in minutes must not cut into it. */
export const inMinutes = ({ start_us, end_us }: Span): Span => ({
  start_us: Math.floor(start_us / MINUTE_US) * MINUTE_US,
  end_us: Math.ceil(end_us / MINUTE_US) * MINUTE_US,
});

/** A minute before and after, as an open alert holds by itself. */
export const around = ({ start_us, end_us }: Span): Span =>
  inMinutes({ start_us: start_us - MINUTE_US, end_us: end_us + MINUTE_US });

/** The last ten minutes. */
export const recent = (nowUs: number): Span => inMinutes({ start_us: nowUs - 10 * MINUTE_US, end_us: nowUs });

/** What the timeline shows: the span with as much on either side, ten minutes at least. */
export function windowAround(span: Span): Span {
  const margin = Math.max(10 * MINUTE_US, lengthOf(span));
  return inMinutes({ start_us: span.start_us - margin, end_us: span.end_us + margin });
}

export const holds = (outer: Span, inner: Span) => outer.start_us <= inner.start_us && inner.end_us <= outer.end_us;

export type SpanFault = "spanEmpty" | "spanLong" | "spanAhead" | "spanNarrow";

/** Why the server would not take the span; `atLeast` is what a lock has already. */
export function faultOf(span: Span, atLeast: Span | null, nowUs: number): SpanFault | null {
  if (lengthOf(span) <= 0) return "spanEmpty";
  if (lengthOf(span) > LONGEST_US) return "spanLong";
  if (span.end_us > nowUs + AHEAD_US) return "spanAhead";
  return atLeast !== null && !holds(span, atLeast) ? "spanNarrow" : null;
}

/** The last seconds are recorded, and not yet synced and told. */
const UNTOLD_US = 15_000_000;

/** How much of what should be recorded by now is; null before the span begins. */
export function shareRecorded(lock: Span & Pick<EvidenceLock, "recorded">, nowUs: number): number | null {
  const due = Math.min(lock.end_us, nowUs - UNTOLD_US) - lock.start_us;
  return lock.recorded === null || due <= 0 ? null : Math.min(1, lock.recorded.covered_us / due);
}

/** The steps of the timeline's ends: seconds of a short window, minutes of a long one. */
export const stepOf = (window: Span) => (lengthOf(window) <= HOUR_US ? 10 : 60);

/** Where a span lies in the window, in thousandths of its width; null outside of it. */
export function placeIn(window: Span, { start_us, end_us }: Span): { x: number; width: number } | null {
  const start = Math.max(start_us, window.start_us);
  const end = Math.min(end_us, window.end_us);
  if (start >= end) return null;
  const scale = 1000 / lengthOf(window);
  return { x: (start - window.start_us) * scale, width: Math.max(1, (end - start) * scale) };
}
