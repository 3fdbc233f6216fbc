import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RepairChange, RepairDetail } from "../../api/repairs";
import { describe } from "../../i18n/describe";
import { DialogButtons } from "../../ui/DialogButtons";
import { Entry, Words } from "../../ui/fields";
import { Sheet } from "../../ui/Sheet";
import { useRepairStep } from "./useRepairStep";

/** The steps that take one text. */
export type SaidStep = Exclude<RepairChange["step"], "finish">;
type Props = { ticket: RepairDetail; step: SaidStep | null; onClose: () => void };

export function StepDialog({ ticket, step, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Sheet
      isOpen={step !== null}
      title={step ? t(`repairAct.${step}`) : ""}
      onClose={onClose}
      testId="repair-step-dialog"
      role={step === "cancel" ? "alertdialog" : "dialog"}
    >
      {step ? <StepForm ticket={ticket} step={step} onDone={onClose} /> : null}
    </Sheet>
  );
}

function StepForm({ ticket, step, onDone }: { ticket: RepairDetail; step: SaidStep; onDone: () => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(step === "assign" ? (ticket.assigned_to ?? "") : "");
  const { mutate, isPending, error } = useRepairStep(onDone);
  const isGood = text.trim() !== "";
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isGood && !isPending) mutate({ ticket, change: { step, text: text.trim() } });
  };
  const field = { label: t(`repairText.${step}`), name: "repair-text", value: text, onChange: setText, hasAutoFocus: true };
  return (
    <form onSubmit={submit}>
      {step === "cancel" ? <p className="dialog-text">{t("repair.cancelBody")}</p> : null}
      {step === "assign" ? <Entry {...field} maxLength={200} /> : <Words {...field} maxLength={2000} />}
      <DialogButtons
        fault={error ? describe(error) : null}
        onCancel={onDone}
        isGood={isGood}
        isBusy={isPending}
        isGrave={step === "cancel"}
        testId="repair-step-confirm"
      >
        {t(`repairAct.${step}`)}
      </DialogButtons>
    </form>
  );
}
