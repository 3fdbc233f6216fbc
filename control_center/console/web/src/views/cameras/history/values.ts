import i18next from "i18next";
import type { HistoryValue } from "../../../api/registering";

/** A value of a camera as a person reads it. */
export function shownValue(value: HistoryValue | undefined): string {
  if (value === null || value === undefined || value === "") return i18next.t("cameraHistory.empty");
  if (typeof value === "boolean") return i18next.t(value ? "cameraHistory.yes" : "cameraHistory.no");
  return String(value);
}

/** The name of a column of the server's; as it is where we have no word for it. */
export const columnName = (column: string): string =>
  i18next.exists(`column.${column}`) ? i18next.t(`column.${column}` as "column.name") : column.replaceAll("_", " ");
