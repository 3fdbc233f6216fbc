import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { overviewQuery } from "../../api/queries";
import type { Repair, RepairState } from "../../api/repairs";
import type { Overview } from "../../api/types";
import { dateAndTime } from "../../ui/format";
import { ageOf, TONE } from "./tickets";

export function RepairStateMark({ state }: { state: RepairState }) {
  const { t } = useTranslation();
  return (
    <span className="status-mark" data-tone={TONE[state]} data-testid="repair-state">
      <i className="lamp" aria-hidden="true" />
      {t(`repairState.${state}`)}
    </span>
  );
}

const MINUTE_US = 60_000_000;
/** By the center's clock; to the minute, so that not every answer draws all rows anew. */
const minuteOf = ({ time_us }: Overview) => Math.floor(time_us / MINUTE_US) * MINUTE_US;

/** How long it has been open, or was. */
export function RepairAge({ ticket }: { ticket: Pick<Repair, "opened_us" | "closed_us"> }) {
  const { t } = useTranslation();
  const nowUs = useQuery({ ...overviewQuery, select: minuteOf }).data ?? ticket.opened_us;
  const { unit, n } = ageOf(ticket, nowUs);
  return <span title={dateAndTime(ticket.opened_us)}>{t(`repairAge.${unit}`, { count: n })}</span>;
}
