const HOUR_US = 3_600_000_000;
/** As the server has it. */
export const LONGEST_DAYS = 30;

/** What is proposed: four hours on, to the full hour. */
export const proposedEnd = (nowUs: number): number => Math.ceil((nowUs + 4 * HOUR_US) / HOUR_US) * HOUR_US;

export const isMaintenanceEnd = (untilUs: number, nowUs: number): boolean =>
  untilUs > nowUs && untilUs <= nowUs + LONGEST_DAYS * 24 * HOUR_US;
