import { type Entered, type Field, FIELDS } from "../../api/lookUps";
import type { en } from "../../i18n/en";

/** A record of any kind, or a plate with those that may be misread as it. */
export const MODES = ["record", "plate"] as const;
export type Mode = (typeof MODES)[number];

/** What stands in the form; both modes share it. */
export type Draft = Record<Field, string>;
export const EMPTY = Object.fromEntries(FIELDS.map((name) => [name, ""])) as Draft;

type GroupName = "person" | "numbers" | "vehicle";
/** In the order of the form. */
export const GROUPS: Readonly<Record<Mode, readonly (readonly [GroupName, readonly Field[]])[]>> = {
  record: [
    ["person", ["name", "surname", "given_name", "date_of_birth", "sex", "height_cm", "place"]],
    ["numbers", ["id_number", "document_number", "phone"]],
    ["vehicle", ["plate", "plate_colour", "make", "vin"]],
  ],
  plate: [["vehicle", ["plate", "plate_colour", "make"]]],
};

const numberOf = (text: string) => Number(text.normalize("NFKC"));

/** What is sent: the fields of this mode that say something. */
export function enteredOf(mode: Mode, draft: Draft): Entered {
  const said = GROUPS[mode].flatMap(([, fields]) => fields).flatMap((name) => {
    const text = draft[name].trim();
    return text === "" ? [] : [[name, name === "height_cm" ? numberOf(text) : text] as const];
  });
  return Object.fromEntries(said);
}

export type Fault = keyof (typeof en)["lookUpFault"];
/** `""` is what concerns no one field. */
export type Faults = Partial<Record<Field | "", string>>;

/** What can be told before the server is asked. */
export function faultsOf(mode: Mode, entered: Entered): Partial<Record<Field | "", Fault>> {
  if (mode === "plate" && entered.plate === undefined) return { plate: "needed" };
  if (Object.keys(entered).length === 0) return { "": "nothing" };
  return entered.height_cm === undefined || Number.isInteger(entered.height_cm) ? {} : { height_cm: "height_cm" };
}

const OF_NAMES: readonly string[] = ["name", "surname", "given_name"];
const TOLD: readonly Fault[] = ["name", "date_of_birth", "id_number", "document_number", "phone", "plate", "vin", "height_cm"];

/** What the server refuses of a field: a fault that the console has words for, or null. */
export function faultFor(field: string, entered: Entered): Fault | null {
  const name = OF_NAMES.includes(field) ? "name" : field;
  if (name === "name" && !OF_NAMES.some((each) => each in entered)) return "nothing";
  return TOLD.find((fault) => fault === name) ?? null;
}
