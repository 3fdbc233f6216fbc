import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { foldIntoLists } from "../../api/events";
import { alertQuery, keys, transition } from "../../api/queries";
import type { AlertDetail } from "../../api/types";
import { pick } from "../../i18n";
import { describe } from "../../i18n/describe";
import { notify } from "../../shell/messages";
import { REACHED, type Step } from "./steps";

/** Take a step with the alert. When somebody was faster, the alert is loaded again and the operator is told. */
export function useStep(alert: AlertDetail) {
  const { t } = useTranslation();
  const client = useQueryClient();

  const settle = (detail: AlertDetail) => {
    client.setQueryData(keys.alert(detail.id), detail);
    foldIntoLists(client, detail);
    void client.invalidateQueries({ queryKey: keys.overview });
    notify("info", t("note.done", { title: pick(detail.title), state: t(`state.${detail.state}`) }));
  };

  const complain = async (error: Error) => {
    const isConflict = error instanceof ApiError && error.status === 409;
    const now = isConflict ? await client.fetchQuery({ ...alertQuery(alert.id), staleTime: 0 }) : alert;
    if (now.version === alert.version) return notify("warning", t("note.failed", { detail: describe(error) }));
    foldIntoLists(client, now);
    return notify("warning", t("note.conflict"));
  };

  return useMutation({
    mutationFn: ({ step, note }: { step: Step; note: string }) =>
      transition(alert.id, { to: REACHED[step], note, version: alert.version }),
    onSuccess: settle,
    onError: complain,
  });
}
