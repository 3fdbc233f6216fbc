import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Reason } from "../../api/identityTypes";
import { type Entered, type LookedUp, lookUpPlate, lookUpRecord } from "../../api/lookUps";
import { Cancelled, withReason } from "../../shell/reasons";
import type { Faults, Mode } from "./draft";
import { refusedFaults } from "./faultWords";

type Asked = { mode: Mode; entered: Entered };
export type Outcome = Asked & { why: Partial<Reason>; found: LookedUp; at_us: number };
type Ends = { onFound: () => void; onRefused: (faults: Faults) => void };

/** One look-up at a time. What it found is kept by the page alone, and goes with it. */
export function useLookUp({ onFound, onRefused }: Ends) {
  const client = useQueryClient();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const looking = useMutation({
    gcTime: 0, // what was sent and answered must not outlive the page in a cache
    mutationFn: (asked: Asked) => withReason(client, "look_up", (why) => lookUp(asked, why)),
  });
  const begin = (asked: Asked) => {
    if (looking.isPending) return;
    // Told to this call alone: the answer to what was cleared meanwhile is nobody's any more.
    looking.mutate(asked, {
      onSuccess: (found) => {
        setOutcome(found);
        onFound();
      },
      onError: (error) => {
        const faults = refusedFaults(error, asked.entered);
        if (error instanceof Cancelled || faults) looking.reset();
        if (!(error instanceof Cancelled)) setOutcome(null);
        if (faults) onRefused(faults);
      },
    });
  };
  const forget = () => {
    looking.reset();
    setOutcome(null);
  };
  return { outcome, isPending: looking.isPending, error: looking.error, begin, forget };
}

async function lookUp({ mode, entered }: Asked, why: Partial<Reason>): Promise<Outcome> {
  const found = await (mode === "plate" ? lookUpPlate(entered, why) : lookUpRecord(entered, why));
  return { mode, entered, why, found, at_us: Date.now() * 1000 };
}
