import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { setPassword } from "../../api/identity";
import { keys } from "../../api/queries";
import type { Account } from "../../api/types";
import { describe } from "../../i18n/describe";
import { BusyButton } from "../../ui/BusyButton";
import { Entry } from "../../ui/fields";
import { Entrance } from "./Entrance";
import { checkPassword, type Rule } from "./passwordRules";

export function NewPassword({ account }: { account: Account }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [password, setFirst] = useState("");
  const [repeated, setRepeated] = useState("");
  const rules = checkPassword(password, repeated, account.username);
  const isGood = Object.values(rules).every(Boolean);
  const change = useMutation({
    mutationFn: () => setPassword(password),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.session }),
  });

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isGood && !change.isPending) change.mutate();
  };

  return (
    <Entrance title={t("newPassword.title")}>
      <p className="entrance-lead">{t("newPassword.lead")}</p>
      <form onSubmit={submit} data-testid="new-password-form">
        <input type="hidden" name="username" autoComplete="username" value={account.username} readOnly />
        <Entry
          label={t("newPassword.password")}
          name="new-password"
          type="password"
          autoComplete="new-password"
          value={password}
          onChange={setFirst}
          hasAutoFocus
        />
        <Entry
          label={t("newPassword.repeat")}
          name="repeat-password"
          type="password"
          autoComplete="new-password"
          value={repeated}
          onChange={setRepeated}
        />
        <Rules rules={rules} />
        <p className="form-error" role="alert">
          {change.isError ? describe(change.error) : ""}
        </p>
        <BusyButton
          className="button button-primary button-wide"
          type="submit"
          isDisabled={!isGood}
          isBusy={change.isPending}
        >
          {change.isPending ? t("newPassword.working") : t("newPassword.submit")}
        </BusyButton>
      </form>
    </Entrance>
  );
}

export function Rules({ rules }: { rules: Record<Rule, boolean> }) {
  const { t } = useTranslation();
  return (
    <ul className="rules">
      {(Object.keys(rules) as Rule[]).map((rule) => (
        <li key={rule} data-kept={rules[rule]}>
          {t(`newPassword.${rule}`)}
        </li>
      ))}
    </ul>
  );
}
