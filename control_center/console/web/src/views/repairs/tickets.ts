import type { Repair, RepairDetail, RepairState, RepairStep } from "../../api/repairs";

export const isRunning = ({ state }: Pick<Repair, "state">): boolean => state === "open" || state === "in_work";

export const TONE: Record<RepairState, "bad" | "warn" | "good" | "off"> = {
  open: "bad",
  in_work: "warn",
  done: "good",
  cancelled: "off",
};

/** Those that hold all the words, in camera, fault, center or whom they are with. */
export function matching<T extends Repair>(tickets: readonly T[], words: string): T[] {
  const wanted = words.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return tickets.filter(({ camera, fault, assigned_to, center_name }) => {
    const text = `${camera.code} ${camera.name} ${fault} ${assigned_to ?? ""} ${center_name}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

export const COLUMNS = ["camera", "assigned", "age"] as const;
export type Column = (typeof COLUMNS)[number];
export type Order = { column: Column; isDescending: boolean };
/** Those that wait for longest come first. */
export const OLDEST_FIRST: Order = { column: "age", isDescending: true };

export const turned = (order: Order, column: Column): Order =>
  order.column === column
    ? { column, isDescending: !order.isDescending }
    : { column, isDescending: column === "age" };

/** By age within what is alike; with nobody comes after all names. */
export function ordered<T extends Repair>(tickets: readonly T[], { column, isDescending }: Order, locale: string): T[] {
  const compare = new Intl.Collator(locale, { numeric: true }).compare;
  const sign = isDescending ? -1 : 1;
  const byAge = (a: T, b: T) => b.opened_us - a.opened_us;
  const byColumn: Record<Column, (a: T, b: T) => number> = {
    camera: (a, b) => compare(a.camera.code, b.camera.code),
    assigned: (a, b) =>
      Number(a.assigned_to === null) - Number(b.assigned_to === null) || compare(a.assigned_to ?? "", b.assigned_to ?? ""),
    age: byAge,
  };
  return tickets.toSorted((a, b) => sign * byColumn[column](a, b) || byAge(a, b));
}

const US_PER_HOUR = 3_600_000_000;

/** Whole hours (none: new) below two days, whole days from there on; a closed one ages no more. */
export function ageOf({ opened_us, closed_us }: Pick<Repair, "opened_us" | "closed_us">, nowUs: number) {
  const hours = Math.max(0, Math.floor(((closed_us ?? nowUs) - opened_us) / US_PER_HOUR));
  if (hours === 0) return { unit: "new", n: 0 } as const;
  return hours < 48 ? ({ unit: "hours", n: hours } as const) : ({ unit: "days", n: Math.floor(hours / 24) } as const);
}

const PICTURE_NOTE = /^(photo|signature) [0-9a-f]{64}$/;

/** What a step is called, and what was said with it; of a picture the trail alone needs the hash. */
export function toldBy({ step, text }: RepairStep) {
  const picture = step === "noted" ? PICTURE_NOTE.exec(text)?.[1] : undefined;
  if (picture === "photo" || picture === "signature") return { name: picture, text: "" } as const;
  return { name: step, text } as const;
}

export const hasPicture = ({ pictures }: RepairDetail, kind: "photo" | "signature"): boolean =>
  pictures.some((picture) => picture.kind === kind);
