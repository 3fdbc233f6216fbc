import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { policyQuery } from "../../api/identity";
import type { Policy, Reason } from "../../api/identityTypes";
import { isCase } from "../../shell/reasons";
import { Entry, Words } from "../../ui/fields";

type Props = { why: Reason; onChange: (why: Reason) => void; hasAutoFocus?: boolean };

const needsCase = (policy: Policy | undefined) => policy?.case_for.includes("evidence") ?? false;

/** Reason and case number of a lock: the reason always, the case number where the policy asks for it. */
export function WhyFields({ why, onChange, hasAutoFocus = false }: Props) {
  const { t } = useTranslation();
  const policy = useQuery(policyQuery).data;
  const { case_number: caseNumber } = why;
  return (
    <>
      <Words
        label={t("reason.reason")}
        name="reason"
        value={why.reason}
        onChange={(reason) => onChange({ ...why, reason })}
        rows={2}
        hasAutoFocus={hasAutoFocus}
      />
      <Entry
        label={needsCase(policy) ? t("reason.case") : t("reason.caseOptional")}
        name="case-number"
        value={caseNumber}
        onChange={(case_number) => onChange({ ...why, case_number })}
        isRequired={needsCase(policy)}
        isInvalid={caseNumber !== "" && !isCase(policy?.case_pattern ?? "", caseNumber.trim())}
        description={policy?.case_example ? t("reason.example", { example: policy.case_example }) : undefined}
      />
    </>
  );
}

/** What was typed, ready to be sent; null while something is missing. */
export function useGood(why: Reason): Reason | null {
  const policy = useQuery(policyQuery).data;
  const given = { reason: why.reason.trim(), case_number: why.case_number.trim() };
  if (given.reason === "") return null;
  if (given.case_number === "") return needsCase(policy) ? null : given;
  return isCase(policy?.case_pattern ?? "", given.case_number) ? given : null;
}
