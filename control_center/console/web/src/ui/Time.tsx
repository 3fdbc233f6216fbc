import { useTranslation } from "react-i18next";
import { briefly, dateAndTime, dateOf, utc } from "./format";

/** Local time; UTC on hover. */
export function Time({ us, isBrief = false }: { us: number; isBrief?: boolean }) {
  useTranslation(); // the language decides the format
  return (
    <time className="time" dateTime={dateOf(us).toISOString()} title={utc(us)}>
      {isBrief ? briefly(us) : dateAndTime(us)}
    </time>
  );
}
