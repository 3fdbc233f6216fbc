import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { RepairDetail } from "../../api/repairs";
import { FinishDialog } from "./FinishDialog";
import { StepDialog, type SaidStep } from "./StepDialog";
import { isRunning } from "./tickets";

/** The steps that the ticket's state allows. */
export function RepairActs({ ticket }: { ticket: RepairDetail }) {
  const { t } = useTranslation();
  const [step, setStep] = useState<SaidStep | "finish" | null>(null);
  const close = () => setStep(null);
  const steps: SaidStep[] = isRunning(ticket) ? ["assign", "note", "cancel"] : ["reopen"];
  return (
    <div className="repair-acts no-print" role="group" aria-label={t("act.label")}>
      {isRunning(ticket) ? (
        <Button className="button button-small button-primary" onPress={() => setStep("finish")} data-testid="repair-finish">
          {t("repairAct.finish")} …
        </Button>
      ) : null}
      {steps.map((name) => (
        <Button key={name} className="button button-small" onPress={() => setStep(name)} data-testid={`repair-${name}`}>
          {t(`repairAct.${name}`)} …
        </Button>
      ))}
      <StepDialog ticket={ticket} step={step === "finish" ? null : step} onClose={close} />
      <FinishDialog ticket={ticket} isOpen={step === "finish"} onClose={close} />
    </div>
  );
}
