import type { QueryClient } from "@tanstack/react-query";
import { keys } from "../api/queries";
import { mediaAccess } from "../media/access";
import { forgetLock } from "./lock";
import { forgetMessages } from "./messages";
import { forgetReasons } from "./reasons";

/** Forget all that was seen under an account, then ask who comes next. */
export function endSession(client: QueryClient): void {
  mediaAccess.forget();
  forgetLock();
  forgetMessages();
  forgetReasons();
  client.setQueryData(keys.session, null);
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.session[0] });
}
