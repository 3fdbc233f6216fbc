import i18next from "i18next";
import { type Entered, type Field, FIELDS } from "../../api/lookUps";
import { refusals } from "../../api/refusals";
import { faultFor, type Faults, faultsOf, type Mode } from "./draft";

/** What the form itself finds wrong, in words; null where there is nothing. */
export function ownFaults(mode: Mode, entered: Entered): Faults | null {
  const found = Object.entries(faultsOf(mode, entered));
  if (found.length === 0) return null;
  return Object.fromEntries(found.map(([name, fault]) => [name, i18next.t(`lookUpFault.${fault}`)]));
}

/** What the server refuses field by field, in the operator's language where it can be said so; null for other errors. */
export function refusedFaults(error: unknown, entered: Entered): Faults | null {
  const refused = Object.entries(refusals(error));
  if (refused.length === 0) return null;
  const faults: Faults = {};
  for (const [name, words] of refused) {
    const fault = faultFor(name, entered);
    const at = fault !== "nothing" && isField(name) ? name : "";
    faults[at] = fault === null ? words : i18next.t(`lookUpFault.${fault}`);
  }
  return faults;
}

const isField = (name: string): name is Field => (FIELDS as readonly string[]).includes(name);
