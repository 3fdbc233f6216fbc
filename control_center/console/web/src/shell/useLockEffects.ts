import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Account } from "../api/types";
import { dropQuestion } from "./confirm";
import { returnToPlace, tellAgain } from "./lock";
import { forgetMessages } from "./messages";
import { forgetMissed } from "./missed";
import { answerReason } from "./reasons";

/** What a lock takes from sight besides the views, and what comes with its end. */
export function useLockEffects(account: Account, isLocked: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (isLocked) {
      forgetMessages();
      dropQuestion();
      answerReason(null);
      return;
    }
    forgetMissed();
    returnToPlace();
  }, [isLocked]);

  // Whenever the server has been heard and knows of no lock that this page knows of.
  useEffect(() => tellAgain(client, account), [client, account]);
}
