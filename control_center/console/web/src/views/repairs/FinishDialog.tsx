import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { addRepairPicture, type RepairDetail, repairKeys, takeRepairStep } from "../../api/repairs";
import { describe } from "../../i18n/describe";
import { notify } from "../../shell/messages";
import { DialogButtons } from "../../ui/DialogButtons";
import { Entry, Words } from "../../ui/fields";
import { Sheet } from "../../ui/Sheet";
import { Signature } from "./Signature";
import { hasPicture } from "./tickets";

type Props = { ticket: RepairDetail; isOpen: boolean; onClose: () => void };

export function FinishDialog({ ticket, isOpen, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Sheet isOpen={isOpen} title={t("repair.finishTitle", { name: ticket.camera.name })} onClose={onClose} testId="finish-dialog">
      <FinishForm ticket={ticket} onDone={onClose} />
    </Sheet>
  );
}

/** What was done, and who accepts it: by name and by hand. */
function FinishForm({ ticket, onDone }: { ticket: RepairDetail; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [work, setWork] = useState("");
  const [acceptedBy, setAcceptedBy] = useState("");
  const [signature, setSignature] = useState<Blob | null>(null);
  const hasPhoto = hasPicture(ticket, "photo");
  const isSigned = signature !== null || hasPicture(ticket, "signature");
  const isGood = hasPhoto && isSigned && work.trim() !== "" && acceptedBy.trim() !== "";
  const finishing = useMutation({
    mutationFn: async () => {
      const signed = signature === null ? ticket : await addRepairPicture(ticket.id, "signature", signature);
      setSignature(null); // it is there: another try does not add it again
      return takeRepairStep(signed, { step: "finish", text: work.trim(), accepted_by: acceptedBy.trim() });
    },
    onSuccess: () => {
      notify("info", t("repairDone.finish"));
      onDone();
    },
    onSettled: () => client.invalidateQueries({ queryKey: repairKeys.all }),
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isGood && !finishing.isPending) finishing.mutate();
  };
  return (
    <form onSubmit={submit}>
      {hasPhoto ? null : (
        <p className="notice" data-testid="photo-missing">
          {t("repair.photoMissing")}
        </p>
      )}
      <Words label={t("repair.work")} name="repair-work" value={work} onChange={setWork} maxLength={2000} rows={2} hasAutoFocus />
      <Entry label={t("repair.acceptedBy")} name="repair-accepted" value={acceptedBy} onChange={setAcceptedBy} maxLength={200} />
      <Signature value={signature} onChange={setSignature} isThere={hasPicture(ticket, "signature")} />
      <DialogButtons
        fault={finishing.isError ? describe(finishing.error) : null}
        onCancel={onDone}
        isGood={isGood}
        isBusy={finishing.isPending}
        testId="finish-confirm"
      >
        {t("repairAct.finish")}
      </DialogButtons>
    </form>
  );
}
