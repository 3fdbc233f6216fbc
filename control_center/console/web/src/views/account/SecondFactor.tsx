import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { removeSecondFactor } from "../../api/identity";
import { keys } from "../../api/queries";
import type { Account } from "../../api/types";
import { notify } from "../../shell/messages";
import { BusyButton } from "../../ui/BusyButton";
import { Entry } from "../../ui/fields";
import { Panel } from "../../ui/Panel";
import { Sheet } from "../../ui/Sheet";
import { Fault } from "../signin/Fault";
import { useWait } from "../signin/useWait";
import { Enrolment } from "./Enrolment";

export function SecondFactor({ account }: { account: Account }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [asked, setAsked] = useState<"enrol" | "remove" | null>(null);
  const has = account.has_second_factor;
  const done = (text: string) => {
    setAsked(null);
    notify("info", text);
    void client.invalidateQueries({ queryKey: keys.session });
  };
  return (
    <Panel title={t("factor.title")} testId="account-factor">
      <div className="panel-row">
        <span className="status-mark" data-tone={has ? "good" : "warn"}>
          <i className="lamp" aria-hidden="true" />
          {has ? t("factor.on") : t("factor.off")}
        </span>
        {account.method === "oidc" ? (
          <span className="quiet">{t("factor.atProvider")}</span>
        ) : (
          <Button
            className="button button-small panel-push"
            onPress={() => setAsked(has ? "remove" : "enrol")}
            data-testid={has ? "factor-remove" : "factor-enrol"}
          >
            {has ? t("factor.remove") : t("factor.enrol")}
          </Button>
        )}
      </div>
      <p className="panel-foot">{t("factor.what")}</p>
      <Sheet
        isOpen={asked === "enrol"}
        title={t("factor.enrol")}
        onClose={() => setAsked(null)}
        testId="enrol-dialog"
        isWide
      >
        <Enrolment onDone={() => done(t("factor.enrolled"))} />
      </Sheet>
      <Sheet
        isOpen={asked === "remove"}
        title={t("factor.remove")}
        onClose={() => setAsked(null)}
        testId="remove-factor-dialog"
      >
        <Removal onDone={() => done(t("factor.removed"))} />
      </Sheet>
    </Panel>
  );
}

function Removal({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const removal = useMutation({
    mutationFn: () => removeSecondFactor(password, code.trim()),
    onSuccess: onDone,
    onError: () => setCode(""),
  });
  const wait = useWait(removal.error);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!removal.isPending && password !== "" && code.trim() !== "") removal.mutate();
  };
  return (
    <form onSubmit={submit}>
      <p className="dialog-text">{t("factor.removeLead")}</p>
      <Entry
        label={t("account.ownPassword")}
        name="password"
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        hasAutoFocus
      />
      <Entry
        label={t("lock.code")}
        name="code"
        autoComplete="one-time-code"
        value={code}
        onChange={setCode}
        isCode
      />
      <Fault error={removal.error} wait={wait} wrong={t("factor.removeWrong")} />
      <div className="dialog-buttons">
        <BusyButton className="button button-grave" type="submit" isBusy={removal.isPending}>
          {t("factor.remove")}
        </BusyButton>
      </div>
    </form>
  );
}
