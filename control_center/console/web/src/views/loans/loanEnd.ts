const HOUR_US = 3_600_000_000;
const LONGEST_US = 30 * 24 * HOUR_US;
const SHIFT_US = 8 * HOUR_US;

/** Most loans are for one shift: eight hours on, at the full hour. */
export const endOfShift = (nowUs: number) => Math.ceil((nowUs + SHIFT_US) / HOUR_US) * HOUR_US;

/** Ahead, and at most 30 days. */
export const isLoanEnd = (untilUs: number, nowUs: number) => untilUs > nowUs && untilUs - nowUs <= LONGEST_US;
