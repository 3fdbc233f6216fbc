import { type SyntheticEvent, useState } from "react";
import { Button } from "react-aria-components/Button";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Label } from "react-aria-components/Label";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { TextArea } from "react-aria-components/TextArea";
import { TextField } from "react-aria-components/TextField";
import { useTranslation } from "react-i18next";
import type { AlertDetail } from "../../api/types";
import { BusyButton } from "../../ui/BusyButton";
import type { Step } from "./steps";

type Asking = Exclude<Step, "acknowledge" | "reopen">;
const isAsking = (step: Step | null): step is Asking => step === "verify" || step === "dismiss" || step === "close";

type Props = {
  step: Step | null;
  alert: AlertDetail;
  isPending: boolean;
  onCancel: () => void;
  onConfirm: (step: Step, note: string) => void;
};

/** Asks for the reason of a dismissal, and for confirmation where a name is put to a step. */
export function StepDialog({ step, alert, isPending, onCancel, onConfirm }: Props) {
  return (
    <ModalOverlay
      className="overlay"
      isOpen={isAsking(step)}
      onOpenChange={(open) => !open && onCancel()}
      isDismissable
    >
      <Modal className="modal modal-narrow">
        <Dialog className="dialog" data-testid="step-dialog">
          {isAsking(step) ? (
            <StepForm
              step={step}
              alert={alert}
              isPending={isPending}
              onCancel={onCancel}
              onConfirm={(note) => onConfirm(step, note)}
            />
          ) : null}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

type FormProps = Omit<Props, "step" | "onConfirm"> & { step: Asking; onConfirm: (note: string) => void };

function StepForm({ step, alert, isPending, onCancel, onConfirm }: FormProps) {
  const { t } = useTranslation();
  const [note, setNote] = useState("");
  const [isMissing, setMissing] = useState(false);
  const needsReason = step === "dismiss";
  const isRefused = isMissing && note.trim() === "";

  const submit = (event?: SyntheticEvent) => {
    event?.preventDefault();
    if (needsReason && note.trim() === "") setMissing(true);
    else if (!isPending) onConfirm(note.trim());
  };

  return (
    <form onSubmit={submit} className="step-form">
      <Heading slot="title">{t(`act.${step}Title`)}</Heading>
      <p className="dialog-text">{t(`act.${step}Body`)}</p>
      {step === "verify" && alert.verifications_needed > 1 ? <p className="dialog-text">{t("act.verifyTwo")}</p> : null}
      {/* The dialog opens for this field. */}
      {/* oxlint-disable-next-line jsx-a11y/no-autofocus */}
      <TextField className="field" value={note} onChange={setNote} isInvalid={isRefused} autoFocus>
        <Label>{needsReason ? t("act.reason") : t("act.note")}</Label>
        <TextArea
          className="input textarea"
          rows={3}
          maxLength={2000}
          data-testid="step-note"
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) submit(event);
          }}
        />
        <p className="form-error" role="alert">
          {isRefused ? t("act.reasonNeeded") : ""}
        </p>
      </TextField>
      <div className="dialog-buttons">
        <Button className="button" onPress={onCancel}>
          {t("act.cancel")}
        </Button>
        <BusyButton className="button button-primary" type="submit" isBusy={isPending} data-testid="step-confirm">
          {t(`act.${step}`)}
        </BusyButton>
      </div>
    </form>
  );
}
