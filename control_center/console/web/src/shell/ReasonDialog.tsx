import { type SyntheticEvent, useState, useSyncExternalStore } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { Reason } from "../api/identityTypes";
import { describe } from "../i18n/describe";
import { Entry, Words } from "../ui/fields";
import { Sheet } from "../ui/Sheet";
import { answerReason, type Asked, askedReason, isCase, lastReason, subscribeReason } from "./reasons";

/** Asks why, and in which case, wherever a look or an export needs it. */
export function ReasonDialog() {
  const { t } = useTranslation();
  const asked = useSyncExternalStore(subscribeReason, askedReason);
  return (
    <Sheet
      isOpen={asked !== null}
      title={asked ? t(`reason.${asked.purpose}`) : ""}
      onClose={() => answerReason(null)}
      testId="reason-dialog"
    >
      {asked ? <ReasonForm asked={asked} /> : null}
    </Sheet>
  );
}

function ReasonForm({ asked }: { asked: Asked }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState(lastReason().reason);
  const [caseNumber, setCaseNumber] = useState(lastReason().case_number);
  const [fault, setFault] = useState<"reasonNeeded" | "caseNeeded" | "caseForm" | null>(null);

  const check = (given: Reason): typeof fault => {
    if (asked.needsReason && given.reason === "") return "reasonNeeded";
    if (asked.needsCase && given.case_number === "") return "caseNeeded";
    return given.case_number !== "" && !isCase(asked.pattern, given.case_number) ? "caseForm" : null;
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const given = { reason: reason.trim(), case_number: caseNumber.trim() };
    const found = check(given);
    setFault(found);
    if (found === null) answerReason(given);
  };

  return (
    <form onSubmit={submit}>
      <p className="dialog-text">{t("reason.lead")}</p>
      <Words
        label={asked.needsReason ? t("reason.reason") : t("reason.reasonOptional")}
        name="reason"
        value={reason}
        onChange={setReason}
        rows={2}
        hasAutoFocus
      />
      <Entry
        label={asked.needsCase ? t("reason.case") : t("reason.caseOptional")}
        name="case-number"
        value={caseNumber}
        onChange={setCaseNumber}
        isRequired={asked.needsCase}
        isInvalid={fault === "caseNeeded" || fault === "caseForm"}
        description={asked.example ? t("reason.example", { example: asked.example }) : undefined}
      />
      <p className="form-error" role="alert">
        {fault ? t(`reason.${fault}`) : null}
        {fault === null && asked.fault ? describe(asked.fault) : null}
      </p>
      <div className="dialog-buttons">
        <Button className="button" onPress={() => answerReason(null)}>
          {t("act.cancel")}
        </Button>
        <Button className="button button-primary" type="submit" data-testid="reason-confirm">
          {t("reason.go")}
        </Button>
      </div>
    </form>
  );
}
