import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type EvidenceLock, evidenceKeys, releaseLock } from "../../api/evidence";
import { describe } from "../../i18n/describe";
import { notify } from "../../shell/messages";
import { DialogButtons } from "../../ui/DialogButtons";
import { Sheet } from "../../ui/Sheet";
import { Time } from "../../ui/Time";
import { useGood, WhyFields } from "./WhyFields";

type Props = { lock: EvidenceLock | null; onClose: () => void };

export function ReleaseDialog({ lock, onClose }: Props) {
  const { t } = useTranslation();
  const title = lock ? t("lockFootage.releaseTitle", { name: lock.camera.name }) : "";
  return (
    <Sheet isOpen={lock !== null} title={title} onClose={onClose} testId="release-dialog" role="alertdialog">
      {lock ? <ReleaseForm lock={lock} onDone={onClose} /> : null}
    </Sheet>
  );
}

function ReleaseForm({ lock, onDone }: { lock: EvidenceLock; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [why, setWhy] = useState({ reason: "", case_number: lock.case_number ?? "" });
  const good = useGood(why);
  const releasing = useMutation({
    mutationFn: async () => (good === null ? null : releaseLock(lock, good)),
    onSuccess: () => {
      notify("info", t("lockFootage.released"));
      onDone();
    },
    onSettled: () =>
      Promise.all(Object.values(evidenceKeys).map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (good !== null && !releasing.isPending) releasing.mutate();
  };
  return (
    <form onSubmit={submit}>
      <p className="dialog-text">
        <Time us={lock.start_us} /> – <Time us={lock.end_us} />
      </p>
      <p className="dialog-text">{t("lockFootage.releaseBody")}</p>
      <WhyFields why={why} onChange={setWhy} hasAutoFocus />
      <DialogButtons
        fault={releasing.isError ? describe(releasing.error) : null}
        onCancel={onDone}
        isGood={good !== null}
        isBusy={releasing.isPending}
        isGrave
        testId="release-confirm"
      >
        {t("lockFootage.release")}
      </DialogButtons>
    </form>
  );
}
