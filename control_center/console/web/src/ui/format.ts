import i18next from "i18next";
import { LOCALE, language, type Language } from "../i18n";

const US_PER_MS = 1000;

export const dateOf = (us: number) => new Date(us / US_PER_MS);

// Swedish writes dates as ISO 8601 does; day and month in English depend on the country.
const DATE_LOCALE: Record<Language, string> = { zh: "zh-CN", en: "sv-SE" };

const formatter = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(DATE_LOCALE[language()], { hourCycle: "h23", ...options });

export const clock = (us: number) =>
  formatter({ hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(dateOf(us));

export const dateAndTime = (us: number) =>
  formatter({
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).format(dateOf(us));

/** The time alone today, with the date before that. */
export function briefly(us: number, nowMs: number = Date.now()): string {
  const isToday = dateOf(us).toDateString() === new Date(nowMs).toDateString();
  return isToday ? clock(us) : dateAndTime(us).slice("2026-".length, -":00".length);
}

export const utc = (us: number) => `${dateOf(us).toISOString().replace("T", " ").replace("Z", "")} UTC`;

export const count = (n: number) => new Intl.NumberFormat(LOCALE[language()]).format(n);

/** Milli-bits as bits with a sign and one decimal. */
export function bits(mbits: number): string {
  const text = (Math.abs(mbits) / 1000).toFixed(1);
  return `${mbits < 0 ? "−" : "+"}${text}`;
}

/** A probability never rounds up to certainty. */
export function probability(p: number): string {
  if (p > 0.9999) return "> 99.99 %";
  if (p > 0 && p < 0.0001) return "< 0.01 %";
  return `${(p * 100).toFixed(p > 0.99 ? 2 : 1)} %`;
}

/** Chinese plates carry a dot after the issuing office: 京A·12345. Others are one part. */
export function plateParts(plate: string): [office: string, number: string] {
  const match = /^(\p{Script=Han}[A-Z])(\w.*)$/u.exec(plate);
  return match?.[1] && match[2] ? [match[1], match[2]] : ["", plate];
}

/** A value of a record as a person reads it. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  if (Array.isArray(value)) return value.map(shown).filter(Boolean).join("、");
  if (typeof value === "object") return Object.values(value).map(shown).filter(Boolean).join(" ");
  return String(value as string | number | boolean);
}

/** As `shown`, with the codes that some fields hold put into words. */
export function shownField(field: string, value: unknown): string {
  const text = shown(value);
  const isCoded = field === "sex" || field === "plate_colour" || field === "colour";
  return isCoded && i18next.exists(`value.${text}`) ? i18next.t(`value.${text}` as "value.M") : text;
}
