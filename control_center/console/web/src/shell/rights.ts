import type { Account, Right } from "../api/types";
import { type Route, type View, VIEWS } from "./routing";

/** The right that a view asks for; null: whoever is signed in. */
export const VIEW_RIGHT: Readonly<Record<View, Right | null>> = {
  alerts: "read",
  live: "watch",
  cameras: "see_cameras",
  map: "see_cameras",
  availability: "see_cameras",
  repairs: "see_cameras",
  board: "read",
  "look-ups": "look_up",
  evidence: "playback",
  people: "administer",
  sessions: "administer",
  loans: "lend",
  audit: "audit",
  report: "audit",
  account: null,
};

type Holder = Pick<Account, "rights">;

export const may = (account: Holder, right: Right): boolean => account.rights.includes(right);

export const maySee = (account: Holder, view: View): boolean => {
  const right = VIEW_RIGHT[view];
  return right === null || may(account, right);
};

/** What the account may see, in the order of the rail; the first is its home. */
export const viewsOf = (account: Holder): View[] => VIEWS.filter((view) => maySee(account, view));

/** The route asked for, or home when there is none or it is not for this account. */
export function permitted(asked: Route | null, account: Holder): Route {
  if (asked && maySee(account, asked.view)) return asked;
  return { view: viewsOf(account)[0] ?? "account", id: null };
}
