import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { isSignedOut, keys, signIn } from "../../api/queries";
import { describe } from "../../i18n/describe";
import { Entrance, Entry } from "./Entrance";

export function SignIn() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const attempt = useMutation({
    mutationFn: () => signIn(username.trim(), password),
    onSuccess: ({ account }) => client.setQueryData(keys.session, account),
    onError: () => setPassword(""),
  });

  // Locked out is a 401 too: how many tries are left is nobody's business.
  const faultOf = (error: Error) => (isSignedOut(error) ? t("signIn.wrong") : describe(error));

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!attempt.isPending) attempt.mutate();
  };

  return (
    <Entrance title={t("signIn.title")} footnote={t("signIn.notice")}>
      <form onSubmit={submit} data-testid="sign-in-form">
        <Entry
          label={t("signIn.username")}
          name="username"
          autoComplete="username"
          value={username}
          onChange={setUsername}
          hasAutoFocus
        />
        <Entry
          label={t("signIn.password")}
          name="password"
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
          description={t("signIn.passwordHint")}
        />
        <p className="form-error" role="alert">
          {attempt.isError ? faultOf(attempt.error) : ""}
        </p>
        <Button className="button button-primary button-wide" type="submit" isPending={attempt.isPending}>
          {attempt.isPending ? t("signIn.working") : t("signIn.submit")}
        </Button>
      </form>
    </Entrance>
  );
}
