export const PERIODS = ["any", "today", "day", "week", "month", "own"] as const;
export type Period = (typeof PERIODS)[number];
export type Range = { from_us: number | null; to_us: number | null };

const DAY_US = 24 * 3_600_000_000;
const DAYS = { day: 1, week: 7, month: 30 };

/** The range of a named period at the time it is asked for; `own` is what a person chose. */
export function rangeOf(period: Period, own: Range, nowUs: number): Range {
  if (period === "any") return { from_us: null, to_us: null };
  if (period === "own") return own;
  const from_us = period === "today" ? midnightBefore(nowUs) : nowUs - DAYS[period] * DAY_US;
  return { from_us, to_us: null };
}

/** The start of the day of this machine's zone. */
export function midnightBefore(nowUs: number): number {
  const day = new Date(nowUs / 1000);
  day.setHours(0, 0, 0, 0);
  return day.getTime() * 1000;
}
