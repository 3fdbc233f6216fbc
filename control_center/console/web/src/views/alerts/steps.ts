import type { Account, AlertDetail, AlertState } from "../../api/types";

export type Step = "acknowledge" | "verify" | "dismiss" | "close" | "reopen";

export const REACHED: Record<Step, AlertState> = {
  acknowledge: "acknowledged",
  verify: "verified",
  dismiss: "dismissed",
  close: "closed",
  reopen: "acknowledged",
};

/** What may follow on each state, in the order of the buttons. */
export const STEPS: Record<AlertState, readonly Step[]> = {
  new: ["acknowledge", "verify", "dismiss"],
  acknowledged: ["verify", "dismiss"],
  verified: ["close"],
  dismissed: ["reopen", "close"],
  closed: [],
};

/** Steps taken at once; the others ask for words or for confirmation. */
export const isImmediate = (step: Step) => step === "acknowledge" || step === "reopen";

/** Whether this account's verification stands: made since the last dismissal. */
export function hasVerified(detail: AlertDetail, account: Account): boolean {
  const dismissed = detail.history.findLastIndex((entry) => entry.to === "dismissed");
  return detail.history
    .slice(dismissed + 1)
    .some((entry) => entry.to === "verified" && (entry.account === account.username || entry.account === account.id));
}

/** Who dismissed an alert may take it back; of a colleague's dismissal, who may overrule. */
export function mayReopen(detail: AlertDetail, account: Account): boolean {
  const dismissal = detail.history.findLast((entry) => entry.to === "dismissed");
  const isOwn = dismissal?.account === account.username || dismissal?.account === account.id;
  return isOwn || account.rights.includes("overrule");
}

/** The steps that this account may take now. */
export function stepsFor(detail: AlertDetail, account: Account): readonly Step[] {
  if (!account.rights.includes("decide")) return [];
  return STEPS[detail.state].filter(
    (step) =>
      (step !== "verify" || !hasVerified(detail, account)) && (step !== "reopen" || mayReopen(detail, account)),
  );
}
