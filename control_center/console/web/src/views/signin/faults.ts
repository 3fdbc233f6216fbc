import i18next from "i18next";
import { ApiError } from "../../api/client";
import { describe } from "../../i18n/describe";

/** The password is right; a code is needed, or was wrong. */
export const isCodeNeeded = (error: unknown): boolean => error instanceof ApiError && error.kind === "second_factor";

const PASSWORD_FIELDS = new Set(["password", "current_password"]);

/** Locked out is a 401 too: how many tries are left is nobody's business. */
export function faultText(error: unknown, wrong: string, waitS: number): string {
  if (!(error instanceof ApiError)) return describe(error);
  if (error.status === 401) return wrong;
  // Where a password is asked for again, it is a field of the request like any other.
  if (error.problem.where === "code") return i18next.t("signIn.codeWrong");
  if (PASSWORD_FIELDS.has(error.problem.where ?? "")) return i18next.t("account.passwordWrong");
  if (error.status === 429) return waitS > 0 ? i18next.t("signIn.wait", { n: waitS }) : i18next.t("signIn.waited");
  return describe(error);
}

/** Why the provider's sign-in came to nothing. */
export function refusalText(kind: string): string {
  const key = `ssoRefused.${kind}`;
  return i18next.t((i18next.exists(key) ? key : "ssoRefused.other") as "ssoRefused.other");
}
