import { useEffect, useEffectEvent } from "react";

export type Command =
  | "next"
  | "previous"
  | "open"
  | "back"
  | "acknowledge"
  | "verify"
  | "dismiss"
  | "close"
  | "lockFootage"
  | "filter"
  | "help"
  | "goAlerts"
  | "goLive"
  | "goCameras"
  | "goMap"
  | "goBoard"
  | "goLookUps"
  | "goEvidence"
  | "goLoans"
  | "goPeople"
  | "goAudit"
  | "goAccount"
  | "lock"
  | "grid1"
  | "grid4"
  | "grid6"
  | "grid9"
  | "nextPage"
  | "previousPage";

/** What is pressed: a key as the browser names it, `Shift+` where it takes both. One key has one meaning everywhere. */
export const KEYMAP: Readonly<Record<string, Command>> = {
  j: "next",
  ArrowDown: "next",
  k: "previous",
  ArrowUp: "previous",
  Enter: "open",
  Escape: "back",
  a: "acknowledge",
  v: "verify",
  d: "dismiss",
  c: "close",
  h: "lockFootage",
  e: "goEvidence",
  "/": "filter",
  "?": "help",
  F2: "goAlerts",
  F3: "goLive",
  r: "goCameras",
  g: "goMap",
  F4: "goBoard",
  q: "goLookUps",
  F7: "goLoans",
  F8: "goPeople",
  F9: "goAudit",
  m: "goAccount",
  "Shift+l": "lock",
  "1": "grid1",
  "4": "grid4",
  "6": "grid6",
  "9": "grid9",
  "]": "nextPage",
  PageDown: "nextPage",
  "[": "previousPage",
  PageUp: "previousPage",
};

type Press = Pick<
  KeyboardEvent,
  "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey" | "isComposing" | "defaultPrevented"
>;
type Place = { isTyping: boolean; isInOverlay: boolean; isOnControl: boolean };

/** Keys a focused control needs for itself. */
const OF_CONTROLS = new Set(["Enter", "ArrowDown", "ArrowUp"]);

/** The command of a key press, or null where the key belongs to a field, a dialog, a control or the browser. */
export function commandOf(press: Press, place: Place): Command | null {
  if (press.defaultPrevented || press.isComposing || press.ctrlKey || press.metaKey || press.altKey) return null;
  if (place.isTyping || place.isInOverlay) return null;
  if (place.isOnControl && OF_CONTROLS.has(press.key)) return null;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  return (press.shiftKey ? KEYMAP[`Shift+${key}`] : undefined) ?? KEYMAP[key] ?? null;
}

export function placeOf(target: EventTarget | null): Place {
  const isWithin = (selector: string) => target instanceof Element && target.closest(selector) !== null;
  return {
    isTyping: isWithin("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], [role=spinbutton]"),
    isInOverlay: document.querySelector("[role=dialog], [role=alertdialog], .popover") !== null,
    isOnControl: isWithin("button, a, video, [type=radio], [type=checkbox]"),
  };
}

/** Handlers return false for what they do not take, so that the key keeps its usual meaning. */
export type Handlers = Partial<Record<Command, () => void | false>>;

export function useKeys(handlers: Handlers): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const command = commandOf(event, placeOf(event.target));
    const handler = command && handlers[command];
    if (handler && handler() !== false) event.preventDefault();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    addEventListener("keydown", listener);
    return () => removeEventListener("keydown", listener);
  }, []);
}
