import { type RefObject, useRef } from "react";
import { useKeys } from "../shell/keymap";

/** j and k, or the arrows, go from row to row: to each row's link or button marked `data-row`. */
export function useRowKeys<T extends HTMLElement>(): RefObject<T | null> {
  const list = useRef<T>(null);
  const move = (by: 1 | -1): void | false => {
    const rows = [...(list.current?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
    if (rows.length === 0) return false;
    const at = rows.findIndex((row) => row === document.activeElement);
    const open = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
    const from = at === -1 ? open : at;
    rows[from === -1 ? 0 : Math.max(0, Math.min(rows.length - 1, from + by))]?.focus();
    return undefined;
  };
  useKeys({ next: () => move(1), previous: () => move(-1) });
  return list;
}
