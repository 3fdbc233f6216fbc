import type { InfiniteData } from "@tanstack/react-query";
import type { Alert, AlertKind, AlertPage, AlertState } from "./types";

export type AlertFilter = { state: AlertState | "all"; kind: AlertKind | "all" };
export type AlertPages = InfiniteData<AlertPage>;

export function matches(alert: Alert, filter: AlertFilter): boolean {
  return (
    (filter.state === "all" || filter.state === alert.state) && (filter.kind === "all" || filter.kind === alert.kind)
  );
}

/**
 * Fold one alert from the event stream into the loaded pages.
 *
 * A known alert is replaced where it stands, even when it no longer matches the filter: the view decides when to drop
 * it, so that a row does not vanish under the operator's hand. An older version never overwrites a newer one.
 */
export function foldAlert(pages: AlertPages, alert: Alert, filter: AlertFilter): AlertPages {
  const known = pages.pages.flatMap((page) => page.items).find((item) => item.id === alert.id);
  if (known) return known.version > alert.version ? pages : replaceAlert(pages, alert);
  return matches(alert, filter) ? insertAlert(pages, alert) : pages;
}

function replaceAlert(pages: AlertPages, alert: Alert): AlertPages {
  const swap = (item: Alert) => (item.id === alert.id ? alert : item);
  return { ...pages, pages: pages.pages.map((page) => ({ ...page, items: page.items.map(swap) })) };
}

/** Newest first; an alert older than all that is loaded belongs to a page not fetched yet. */
function insertAlert(pages: AlertPages, alert: Alert): AlertPages {
  const isAfter = (item: Alert) => item.created_us < alert.created_us;
  const index = pages.pages.findIndex((page) => page.items.some(isAfter) || page.next_cursor === null);
  const target = pages.pages[index];
  if (!target) return pages;
  const at = target.items.findIndex(isAfter);
  const items = target.items.toSpliced(at === -1 ? target.items.length : at, 0, alert);
  return { ...pages, pages: pages.pages.with(index, { ...target, items }) };
}
