import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { Account, AlertDetail } from "../../api/types";
import { useKeys } from "../../shell/keymap";
import { LeadNote } from "../records/LeadNote";
import { StepDialog } from "./StepDialog";
import { hasVerified, isImmediate, type Step, stepsFor } from "./steps";
import { useStep } from "./useStep";

const KEY: Record<Step, string> = { acknowledge: "A", verify: "V", dismiss: "D", close: "C", reopen: "A" };

export function Actions({ alert, account }: { alert: AlertDetail; account: Account }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<Step | null>(null);
  const taken = useStep(alert);
  const steps = stepsFor(alert, account);

  const begin = (step: Step) => {
    if (!steps.includes(step) || taken.isPending) return false;
    if (isImmediate(step)) taken.mutate({ step, note: "" });
    else setAsked(step);
    return undefined;
  };
  useKeys({
    acknowledge: () => begin(steps.includes("reopen") ? "reopen" : "acknowledge"),
    verify: () => begin("verify"),
    dismiss: () => begin("dismiss"),
    close: () => begin("close"),
  });

  return (
    <footer className="actions" aria-label={t("act.label")}>
      <LeadNote title={t("detail.lead")} body={t("detail.leadBody")} />
      {alert.state === "acknowledged" && hasVerified(alert, account) ? (
        <p className="actions-note">{t("act.youVerified")}</p>
      ) : null}
      {alert.state === "closed" ? <p className="actions-note">{t("act.done")}</p> : null}
      <div className="actions-buttons">
        {steps.map((step, i) => (
          <Button
            key={step}
            className={i === 0 ? "button button-primary" : "button"}
            isDisabled={taken.isPending}
            data-testid={`act-${step}`}
            onPress={() => void begin(step)}
          >
            {step === "verify" ? <VerifyLabel alert={alert} /> : t(`act.${step}`)}
            <kbd aria-hidden="true">{KEY[step]}</kbd>
          </Button>
        ))}
      </div>
      <StepDialog
        step={asked}
        alert={alert}
        isPending={taken.isPending}
        onCancel={() => setAsked(null)}
        onConfirm={(step, note) => taken.mutate({ step, note }, { onSettled: () => setAsked(null) })}
      />
    </footer>
  );
}

function VerifyLabel({ alert: { verifications, verifications_needed: needed } }: { alert: AlertDetail }) {
  const { t } = useTranslation();
  return needed > 1 ? t("act.verifyOf", { n: verifications + 1, needed }) : t("act.verify");
}
