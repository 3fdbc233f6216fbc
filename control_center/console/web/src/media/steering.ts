export type Range = { start: number; end: number };

const KEEP_BEHIND_S = 8;
const LATEST_LAG_S = 3;
const EDGE_MARGIN_S = 0.4;
/** Removing costs a pass over the buffer, so small remainders are left until they add up: at most 10 s are held. */
const LEAST_REMOVAL_S = 2;

/**
 * Where a live picture should stand, in seconds of its own timeline.
 *
 * A viewer who is more than 3 s behind, or outside of what is buffered (a new init segment may start a new timeline),
 * goes to the live edge; what lies further behind the edge than 10 s is dropped.
 */
export function steer(buffered: Range[], now: number): { seekTo: number | null; removeTo: number | null } {
  const first = buffered.at(0);
  const last = buffered.at(-1);
  if (!first || !last) return { seekTo: null, removeTo: null };
  const isBehind = last.end - now > LATEST_LAG_S;
  const isOutside = now < last.start || now > last.end;
  const seekTo = isBehind || isOutside ? Math.max(last.start, last.end - EDGE_MARGIN_S) : null;
  const oldest = last.end - KEEP_BEHIND_S;
  const removeTo = oldest - first.start > LEAST_REMOVAL_S ? oldest : null;
  return { seekTo, removeTo };
}

export function rangesOf(buffered: TimeRanges): Range[] {
  return Array.from({ length: buffered.length }, (_, i) => ({ start: buffered.start(i), end: buffered.end(i) }));
}
