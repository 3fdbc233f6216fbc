import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { identityKeys, lend } from "../../api/identity";
import { describe } from "../../i18n/describe";
import { notify } from "../../shell/messages";
import { DialogButtons } from "../../ui/DialogButtons";
import { Entry, Words } from "../../ui/fields";
import { Moment } from "../../ui/Moment";
import { Sheet } from "../../ui/Sheet";
import { RoleFields, type Wanted } from "../people/RoleFields";
import { endOfShift, isLoanEnd } from "./loanEnd";

export function LoanDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Sheet isOpen={isOpen} title={t("loan.make")} onClose={onClose} testId="loan-dialog">
      <LoanForm onDone={onClose} />
    </Sheet>
  );
}

function LoanForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [username, setUsername] = useState("");
  const [wanted, setWanted] = useState<Wanted>({ role: null, center: null });
  const [openedUs] = useState(() => Date.now() * 1000);
  const [untilUs, setUntil] = useState<number | null>(endOfShift(openedUs));
  const [reason, setReason] = useState("");
  const { role, center } = wanted;
  const isEndGood = untilUs !== null && isLoanEnd(untilUs, openedUs);
  const isGood = username.trim() !== "" && role !== null && center !== null && isEndGood && reason.trim() !== "";
  const loan = useMutation({
    mutationFn: () =>
      lend({
        username: username.trim(),
        role: role ?? "operator",
        center_id: center ?? "",
        until_us: untilUs ?? 0,
        reason: reason.trim(),
      }),
    onSuccess: ({ display_name: name }) => {
      void client.invalidateQueries({ queryKey: identityKeys.loans });
      notify("info", t("loan.made", { name }));
      onDone();
    },
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isGood && !loan.isPending) loan.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Entry
        label={t("signIn.username")}
        name="loan-username"
        value={username}
        onChange={setUsername}
        description={t("loan.usernameHint")}
        hasAutoFocus
      />
      <RoleFields wanted={wanted} onChange={setWanted} isLoan />
      <Moment label={t("loan.until")} us={untilUs} onChange={setUntil} isInvalid={untilUs !== null && !isEndGood} />
      <p className="field-hint">{t("loan.longest")}</p>
      <Words label={t("act.reason")} name="reason" value={reason} onChange={setReason} rows={2} />
      <DialogButtons
        fault={loan.isError ? describe(loan.error) : null}
        onCancel={onDone}
        isGood={isGood}
        isBusy={loan.isPending}
        testId="loan-confirm"
      >
        {t("loan.make")}
      </DialogButtons>
    </form>
  );
}
