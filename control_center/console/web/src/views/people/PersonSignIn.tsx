import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { identityKeys, issuePassword, resetSecondFactor } from "../../api/identity";
import type { PersonDetail } from "../../api/identityTypes";
import { describe } from "../../i18n/describe";
import { confirmed } from "../../shell/confirm";
import { notify } from "../../shell/messages";
import { BusyButton } from "../../ui/BusyButton";
import { Panel } from "../../ui/Panel";
import { OneTimePassword } from "./OneTimePassword";
import type { PersonAct } from "./usePersonAct";

const PASSWORD_STATES = ["none", "one_time", "consumed", "own"] as const;
type PasswordState = (typeof PASSWORD_STATES)[number];

type Props = { person: PersonDetail; isSelf: boolean; act: PersonAct };

/** How this person gets in: the password's state and the second factor, never the secrets. */
export function PersonSignIn({ person, isSelf, act }: Props) {
  const { t } = useTranslation();
  const state = PASSWORD_STATES.find((name) => name === person.password_state) ?? "own";
  const reset = () =>
    act({
      question: {
        title: t("person.resetTitle", { name: person.display_name }),
        body: t("person.resetBody"),
        action: t("person.reset"),
      },
      run: () => resetSecondFactor(person.id),
      done: t("person.resetDone"),
    });
  return (
    <Panel title={t("person.signIn")} testId="person-sign-in">
      <div className="panel-row">
        <span className="panel-label">{t("signIn.password")}</span>
        <span>{t(`passwordState.${state satisfies PasswordState}`)}</span>
        {isSelf ? null : <NewPasswordButton person={person} />}
      </div>
      <div className="panel-row">
        <span className="panel-label">{t("factor.title")}</span>
        <span>{person.has_second_factor ? t("factor.on") : t("factor.off")}</span>
        {person.has_second_factor && !isSelf ? (
          <Button className="button button-small panel-push" onPress={reset} data-testid="reset-factor">
            {t("person.reset")}
          </Button>
        ) : null}
      </div>
    </Panel>
  );
}

function NewPasswordButton({ person }: { person: PersonDetail }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [password, setPassword] = useState<string | null>(null);
  const issue = useMutation({
    mutationFn: () => issuePassword(person.id),
    onSuccess: ({ one_time_password }) => setPassword(one_time_password),
    onError: (error) => notify("warning", t("note.failed", { detail: describe(error) })),
    onSettled: () => client.invalidateQueries({ queryKey: identityKeys.person(person.id) }),
  });
  const ask = async () => {
    const question = {
      title: t("person.newPasswordTitle", { name: person.display_name }),
      body: t("person.newPasswordBody"),
      action: t("person.newPassword"),
    };
    if (await confirmed(question)) issue.mutate();
  };
  return (
    <>
      <BusyButton
        className="button button-small panel-push"
        isBusy={issue.isPending}
        onPress={() => void ask()}
        data-testid="new-one-time-password"
      >
        {t("person.newPassword")}
      </BusyButton>
      <OneTimePassword name={person.display_name} password={password} onClose={() => setPassword(null)} />
    </>
  );
}
