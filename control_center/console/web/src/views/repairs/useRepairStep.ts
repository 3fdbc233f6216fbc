import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type Repair, type RepairChange, repairKeys, takeRepairStep } from "../../api/repairs";
import { notify } from "../../shell/messages";

/** A step of one ticket, from the version that is shown; what it made old is fetched anew, after a refusal as well. */
export function useRepairStep(onDone: () => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ ticket, change }: { ticket: Pick<Repair, "id" | "version">; change: RepairChange }) =>
      takeRepairStep(ticket, change),
    onSuccess: (_answer, { change }) => {
      notify("info", t(`repairDone.${change.step}`));
      onDone();
    },
    onSettled: () => client.invalidateQueries({ queryKey: repairKeys.all }),
  });
}
