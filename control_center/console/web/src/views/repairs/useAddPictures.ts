import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { addRepairPicture, type PictureKind, repairKeys } from "../../api/repairs";
import { describe } from "../../i18n/describe";
import { notify } from "../../shell/messages";
import { acceptable } from "./picture";

/** Adds pictures one after the other; what is none, and what the server refuses, is told and keeps none of the rest. */
export function useAddPictures(ticketId: string, kind: PictureKind) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: async (files: File[]) => {
      let fault: unknown = null;
      for (const file of files) {
        const picture = await acceptable(file);
        if (picture === null) {
          notify("warning", t("repair.noPicture", { name: file.name }));
          continue;
        }
        await addRepairPicture(ticketId, kind, picture).catch((error: unknown) => {
          fault = error;
          notify("warning", t("note.failed", { detail: `${file.name}: ${describe(error)}` }));
        });
      }
      if (fault !== null) throw fault; // for whoever watches over sessions that ended
    },
    onSettled: () => client.invalidateQueries({ queryKey: repairKeys.all }),
  });
  return { add: mutate, isPending };
}
