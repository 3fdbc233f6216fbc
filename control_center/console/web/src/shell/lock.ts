import type { QueryClient } from "@tanstack/react-query";
import { lock, unlock } from "../api/identity";
import { keys } from "../api/queries";
import type { Account } from "../api/types";
import { parseRoute } from "./routing";

const UNTOLD = "vedette.lock-untold";
const BACK_TO = "vedette.back-to";

/** A lock that the server has not heard of yet, as when the network is away. It outlives a reload. */
const untold = {
  get: () => sessionStorage.getItem(UNTOLD) !== null,
  set: (is: boolean) => (is ? sessionStorage.setItem(UNTOLD, "1") : sessionStorage.removeItem(UNTOLD)),
};

export const isLockedHere = (account: Account): boolean => account.locked || untold.get();

/** The server says that the session is locked, or a person says so. */
export function showLocked(client: QueryClient): void {
  mark(client, true);
}

/** Lock here at once, and tell the server; a lock it does not hear of holds here all the same. */
export async function lockNow(client: QueryClient): Promise<void> {
  untold.set(true);
  mark(client, true);
  await client.cancelQueries({ queryKey: keys.session }); // its answer may be older than the lock
  await lock().then(
    () => untold.set(false),
    () => undefined,
  );
  mark(client, true);
}

/** Tell the server of a lock that it has not heard of. */
export function tellAgain(client: QueryClient, heard: Account): void {
  if (untold.get() && !heard.locked) void lockNow(client);
}

export async function unlockWith(client: QueryClient, password: string, code: string): Promise<void> {
  await unlock(password, code.trim() || undefined);
  untold.set(false);
  await client.cancelQueries({ queryKey: keys.session });
  mark(client, false);
  await client.invalidateQueries();
}

function mark(client: QueryClient, locked: boolean): void {
  // A new object, so that whoever shows the account is told even of a lock that only this page knows.
  client.setQueryData<Account | null>(keys.session, (account) => account && { ...account, locked });
}

/** Signing in at the provider leaves the page; this is where it comes back to, at last, after any refusals. */
export function rememberPlace(): void {
  if (parseRoute(location.hash) !== null) sessionStorage.setItem(BACK_TO, location.hash);
}

export function returnToPlace(): void {
  const place = sessionStorage.getItem(BACK_TO);
  sessionStorage.removeItem(BACK_TO);
  if (place && parseRoute(location.hash) === null) location.replace(place);
}

export function forgetLock(): void {
  untold.set(false);
}
