import { useMutation } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { BusyButton } from "../../ui/BusyButton";
import { Entry } from "../../ui/fields";
import { Fault } from "./Fault";
import { isCodeNeeded } from "./faults";
import { useWait } from "./useWait";

type Props = {
  username: string;
  onUsername: (username: string) => void;
  onSubmit: (password: string) => Promise<void>;
  onCodeNeeded: (password: string) => void;
};

export function PasswordStep({ username, onUsername, onSubmit, onCodeNeeded }: Props) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const attempt = useMutation({
    mutationFn: () => onSubmit(password),
    onError: (error) => {
      if (isCodeNeeded(error)) onCodeNeeded(password);
      else setPassword("");
    },
  });
  const wait = useWait(attempt.error);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!attempt.isPending && wait === 0) attempt.mutate();
  };

  return (
    <form onSubmit={submit} data-testid="sign-in-form">
      <Entry
        label={t("signIn.username")}
        name="username"
        autoComplete="username"
        value={username}
        onChange={onUsername}
        hasAutoFocus={username === ""}
      />
      <Entry
        label={t("signIn.password")}
        name="password"
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        hasAutoFocus={username !== ""}
        description={t("signIn.passwordHint")}
      />
      <Fault error={attempt.error} wait={wait} wrong={t("signIn.wrong")} />
      <BusyButton
        className="button button-primary button-wide"
        type="submit"
        isBusy={attempt.isPending}
        isDisabled={wait > 0}
      >
        {attempt.isPending ? t("signIn.working") : t("signIn.submit")}
      </BusyButton>
    </form>
  );
}
