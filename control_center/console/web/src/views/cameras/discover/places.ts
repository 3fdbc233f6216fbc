import type { WhereToLook } from "../../../api/registering";

/** As the server has it. */
const MOST_HOSTS = 4096;
const LEAST_PREFIX = 20;
const PER_S = { least: 10, most: 200 };

export type Place = {
  kind: "interfaces" | "range" | "hosts";
  interfaces: string;
  seconds: string;
  range: string;
  port: string;
  rate: string;
  hosts: string;
};
export const NO_PLACE: Place = {
  kind: "interfaces",
  interfaces: "",
  seconds: "4",
  range: "",
  port: "80",
  rate: "50",
  hosts: "",
};

const wordsOf = (text: string) => [...new Set(text.split(/[\s,;]+/).filter(Boolean))];

/** One host a line, or between commas; lines that begin with `#` say nothing. */
export const hostsOf = (text: string): string[] =>
  wordsOf(
    text
      .split("\n")
      .filter((line) => !line.trim().startsWith("#"))
      .join("\n"),
  );

/** `10.0.0.0/24`, of no more addresses than are asked at once. */
function isRange(text: string): boolean {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text.trim());
  if (!parts) return false;
  const [prefix = 0, ...octets] = parts.slice(1).map(Number).toReversed();
  return octets.every((octet) => octet <= 255) && prefix >= LEAST_PREFIX && prefix <= 32;
}

const isWithin = (text: string, least: number, most: number) => {
  const value = Number(text);
  return text.trim() !== "" && value >= least && value <= most;
};

/** What is wrong and can be told before anybody is asked, by field. */
export function faultsOf(place: Place): Partial<Record<"seconds" | "range" | "port" | "rate" | "hosts", true>> {
  if (place.kind === "hosts") {
    const { length } = hostsOf(place.hosts);
    return length > 0 && length <= MOST_HOSTS ? {} : { hosts: true };
  }
  if (place.kind === "interfaces") return isWithin(place.seconds, 1, 60) ? {} : { seconds: true };
  return {
    ...(isRange(place.range) ? {} : { range: true as const }),
    ...(isWithin(place.port, 1, 65_535) ? {} : { port: true as const }),
    ...(isWithin(place.rate, PER_S.least, PER_S.most) ? {} : { rate: true as const }),
  };
}

/** How the server is asked; null for a list of hosts, of which nothing has to be found. */
export function questionOf(place: Place): WhereToLook | null {
  if (place.kind === "hosts") return null;
  if (place.kind === "interfaces") return { interfaces: wordsOf(place.interfaces), seconds: Number(place.seconds) };
  return { range: place.range.trim(), port: Number(place.port), rate: Number(place.rate) };
}

/** Whoever scans a range waits for as long as its addresses take. */
export const isSlow = ({ kind, range, rate }: Place): boolean =>
  kind === "range" && 2 ** (32 - Number(range.split("/")[1])) / Number(rate) > 20;
