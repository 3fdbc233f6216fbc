import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { identityKeys, setPassword } from "../../api/identity";
import { keys } from "../../api/queries";
import type { Account } from "../../api/types";
import { notify } from "../../shell/messages";
import { BusyButton } from "../../ui/BusyButton";
import { Entry } from "../../ui/fields";
import { Panel } from "../../ui/Panel";
import { Sheet } from "../../ui/Sheet";
import { Fault } from "../signin/Fault";
import { Rules } from "../signin/NewPassword";
import { checkPassword } from "../signin/passwordRules";
import { useWait } from "../signin/useWait";

export function ChangePassword({ account }: { account: Account }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <Panel title={t("signIn.password")} testId="account-password">
      <div className="panel-row">
        <span className="quiet">{t("account.passwordWhat")}</span>
        <Button className="button button-small panel-push" onPress={() => setOpen(true)} data-testid="change-password">
          {t("account.changePassword")}
        </Button>
      </div>
      <Sheet
        isOpen={isOpen}
        title={t("account.changePassword")}
        onClose={() => setOpen(false)}
        testId="password-dialog"
      >
        <PasswordForm account={account} onDone={() => setOpen(false)} />
      </Sheet>
    </Panel>
  );
}

function PasswordForm({ account, onDone }: { account: Account; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [current, setCurrent] = useState("");
  const [password, setFirst] = useState("");
  const [repeated, setRepeated] = useState("");
  const rules = checkPassword(password, repeated, account.username);
  const isGood = current !== "" && Object.values(rules).every(Boolean);
  const change = useMutation({
    mutationFn: () => setPassword(password, current),
    onSuccess: () => {
      notify("info", t("account.passwordChanged"));
      void client.invalidateQueries({ queryKey: keys.session });
      void client.invalidateQueries({ queryKey: identityKeys.ownSessions });
      onDone();
    },
    onError: () => setCurrent(""),
  });
  const wait = useWait(change.error);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isGood && !change.isPending) change.mutate();
  };
  return (
    <form onSubmit={submit}>
      <input type="hidden" name="username" autoComplete="username" value={account.username} readOnly />
      <Entry
        label={t("account.ownPassword")}
        name="current-password"
        type="password"
        autoComplete="current-password"
        value={current}
        onChange={setCurrent}
        hasAutoFocus
      />
      <Entry
        label={t("newPassword.password")}
        name="new-password"
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={setFirst}
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
      <Fault error={change.error} wait={wait} wrong={t("account.passwordWrong")} />
      <div className="dialog-buttons">
        <BusyButton
          className="button button-primary"
          type="submit"
          isDisabled={!isGood || wait > 0}
          isBusy={change.isPending}
        >
          {t("account.changePassword")}
        </BusyButton>
      </div>
    </form>
  );
}
