import type { QueryClient } from "@tanstack/react-query";
import { withReason } from "../shell/reasons";
import { isReasonNeeded, mediaAccess, type WantedClip } from "./access";

/** The address of a clip that the person has leave for; why they look is asked when the server wants to know. */
export async function askClip(client: QueryClient, wanted: WantedClip): Promise<string> {
  try {
    return await mediaAccess.clip(wanted);
  } catch (error) {
    if (!isReasonNeeded(error)) throw error;
    return withReason(client, "footage", (reason) => mediaAccess.clip({ ...wanted, ...reason }));
  }
}
