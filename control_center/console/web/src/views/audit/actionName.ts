import { term } from "../../i18n";

/** `api:session:open` in words. The colon parts name spaces in message keys, so keys have underscores. */
export const actionName = (action: string): string => term("action", action.replaceAll(":", "_"));
