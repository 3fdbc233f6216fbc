import i18next from "i18next";
import { ApiError } from "../api/client";

/** What went wrong, in the operator's language; the server's own words follow, for whoever is asked to help. */
export function describe(error: unknown): string {
  if (!(error instanceof ApiError)) return i18next.t("common.unreachable");
  if (error.kind === "session_locked") return i18next.t("problem.session_locked");
  const key = `problem.${error.kind}`;
  const text = i18next.t((i18next.exists(key) ? key : "problem.other") as "problem.other");
  return `${text} (${error.message})`;
}
