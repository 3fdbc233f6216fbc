import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { describe } from "../i18n/describe";
import { confirmed } from "./confirm";
import { notify } from "./messages";

export type Act = {
  /** Asked once before it is done. */
  question?: { title: string; body: string; action: string };
  run: () => Promise<unknown>;
  /** What to say when it is done. */
  done: string;
  undo?: { label: string; run: () => Promise<unknown>; done: string };
  /** What the change makes old. */
  touches: readonly QueryKey[];
};

/** One button, one change: ask where it takes something away, do it, say so, and fetch anew what it touched. */
export function useAct() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const refresh = (act: Act) => Promise.all(act.touches.map((queryKey) => client.invalidateQueries({ queryKey })));

  const mutation = useMutation({
    mutationFn: (act: Act) => act.run(),
    onSuccess: (_answer, act) => {
      const { undo } = act;
      const back = undo && {
        label: undo.label,
        run: () => mutation.mutate({ run: undo.run, done: undo.done, touches: act.touches }),
      };
      notify("info", act.done, back ?? null);
    },
    onError: (error) => notify("warning", t("note.failed", { detail: describe(error) })),
    onSettled: (_answer, _error, act) => refresh(act), // after a refusal, too: what is shown may be old
  });

  const act = async (wanted: Act) => {
    if (wanted.question && !(await confirmed(wanted.question))) return;
    mutation.mutate(wanted);
  };
  return { act: (wanted: Act) => void act(wanted), isPending: mutation.isPending };
}
