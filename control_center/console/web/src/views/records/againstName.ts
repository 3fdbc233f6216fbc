import i18next from "i18next";
import { term } from "../../i18n";

/** `id_number:two_valid` in words: what speaks against, and how. */
export function againstName(against: string): string {
  const [field = "", level] = against.split(":");
  const name = term("field", field);
  return level === undefined ? name : i18next.t("evidence.againstAs", { field: name, level: term("agreement", level) });
}
