import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account } from "../../api/types";
import { unlockWith } from "../../shell/lock";
import { BusyButton } from "../../ui/BusyButton";
import { Entry } from "../../ui/fields";
import { Fault } from "../signin/Fault";
import { isCodeNeeded } from "../signin/faults";
import { useWait } from "../signin/useWait";

export function UnlockForm({ account }: { account: Account }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const attempt = useMutation({
    mutationFn: () => unlockWith(client, password, code),
    onError: (error) => {
      setCode("");
      if (!isCodeNeeded(error)) setPassword("");
    },
  });
  const wait = useWait(attempt.error);
  const needsCode = account.has_second_factor || isCodeNeeded(attempt.error);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!attempt.isPending && wait === 0 && password !== "") attempt.mutate();
  };

  return (
    <form className="lock-form" onSubmit={submit} data-testid="unlock-form">
      <input type="hidden" name="username" autoComplete="username" value={account.username} readOnly />
      <Entry
        label={t("signIn.password")}
        name="password"
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        hasAutoFocus
      />
      {needsCode ? (
        <Entry
          label={t("lock.code")}
          name="code"
          autoComplete="one-time-code"
          value={code}
          onChange={setCode}
          isCode
        />
      ) : null}
      <Fault
        error={attempt.error}
        wait={wait}
        wrong={isCodeNeeded(attempt.error) ? t("signIn.codeWrong") : t("account.passwordWrong")}
      />
      <BusyButton
        className="button button-primary"
        type="submit"
        isBusy={attempt.isPending}
        isDisabled={wait > 0}
        data-testid="unlock"
      >
        {t("lock.unlock")}
      </BusyButton>
    </form>
  );
}
