import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { tellActivity } from "../api/identity";
import { isLocked } from "../api/queries";
import type { Account } from "../api/types";
import { IdleWatch, isRealMove } from "./idle";
import { lockNow, showLocked } from "./lock";

const CHANNEL = "vedette.input";
const TICK_MS = 1_000;
/** Other pages hear of input this often: their countdown is in minutes. */
const SHARE_EVERY_MS = 5_000;

/** Watches for input while the console is open; locks it after the time that the account's session has. */
export function useIdleLock(account: Account, isOpen: boolean): void {
  const client = useQueryClient();
  const lockAfterMs = account.lock_after_s * 1000;

  useEffect(() => {
    if (!isOpen) return undefined;
    // The wall clock: a machine that slept for an hour has been without input for an hour.
    const watch = new IdleWatch(Date.now(), lockAfterMs);
    const others = new BroadcastChannel(CHANNEL);
    others.addEventListener("message", () => watch.inputElsewhere(Date.now()));
    let sharedMs = -Infinity;
    const stopListening = listenForInput(() => {
      const now = Date.now();
      watch.input(now);
      if (now - sharedMs < SHARE_EVERY_MS) return;
      sharedMs = now;
      // A channel has no target: only pages of this origin are on it.
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      others.postMessage("input");
    });
    const timer = setInterval(() => {
      const now = Date.now();
      if (watch.isOver(now)) void lockNow(client);
      else if (watch.isReportDue(now)) {
        watch.reported(now);
        tellActivity().catch((error: unknown) => {
          if (isLocked(error)) showLocked(client);
        });
      }
    }, TICK_MS);
    return () => {
      clearInterval(timer);
      stopListening();
      others.close();
    };
  }, [client, lockAfterMs, isOpen]);
}

const TOUCHES = ["keydown", "pointerdown", "wheel", "touchstart"] as const;

/** Input by a person; what scripts dispatch does not count. */
function listenForInput(onInput: () => void): () => void {
  let pointer: PointerEvent | null = null;
  const touched = (event: Event) => {
    if (event.isTrusted) onInput();
  };
  const moved = (event: PointerEvent) => {
    if (event.isTrusted && isRealMove(pointer, event)) onInput();
    pointer = event;
  };
  const options = { capture: true, passive: true };
  for (const kind of TOUCHES) addEventListener(kind, touched, options);
  addEventListener("pointermove", moved, options);
  return () => {
    for (const kind of TOUCHES) removeEventListener(kind, touched, options);
    removeEventListener("pointermove", moved, options);
  };
}
