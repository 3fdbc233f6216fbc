import { useMutation } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { beginEnrolment, confirmEnrolment } from "../../api/identity";
import { BusyButton } from "../../ui/BusyButton";
import { Entry } from "../../ui/fields";
import { QrCode } from "../../ui/QrCode";
import { Fault } from "../signin/Fault";
import { useWait } from "../signin/useWait";
import { RecoveryCodes } from "./RecoveryCodes";
import { inFours } from "./secret";

type Started = { secret: string; uri: string };

/** Three steps: the password, the authenticator's first code, the recovery codes. */
export function Enrolment({ onDone }: { onDone: () => void }) {
  const [started, setStarted] = useState<Started | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  if (codes) return <RecoveryCodes codes={codes} onDone={onDone} />;
  if (started) return <FirstCode started={started} onCodes={setCodes} />;
  return <OwnPassword onStarted={setStarted} />;
}

function OwnPassword({ onStarted }: { onStarted: (started: Started) => void }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const begin = useMutation({
    mutationFn: () => beginEnrolment(password),
    onSuccess: onStarted,
    onError: () => setPassword(""),
  });
  const wait = useWait(begin.error);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!begin.isPending && password !== "") begin.mutate();
  };
  return (
    <form onSubmit={submit} data-testid="enrol-password">
      <Entry
        label={t("account.ownPassword")}
        name="password"
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        description={t("factor.passwordWhy")}
        hasAutoFocus
      />
      <Fault error={begin.error} wait={wait} wrong={t("account.passwordWrong")} />
      <BusyButton className="button button-primary" type="submit" isBusy={begin.isPending} isDisabled={password === ""}>
        {t("factor.begin")}
      </BusyButton>
    </form>
  );
}

function FirstCode({ started, onCodes }: { started: Started; onCodes: (codes: string[]) => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const confirm = useMutation({
    mutationFn: () => confirmEnrolment(code.trim()),
    onSuccess: ({ recovery_codes }) => onCodes(recovery_codes),
    onError: () => setCode(""),
  });
  const wait = useWait(confirm.error);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!confirm.isPending && code.trim() !== "") confirm.mutate();
  };
  return (
    <form onSubmit={submit} className="enrol" data-testid="enrol-code">
      <QrCode text={started.uri} label={t("factor.qr")} />
      <div className="enrol-steps">
        <p>{t("factor.scan")}</p>
        <p className="field-hint">{t("factor.byHand")}</p>
        <output className="secret-value" aria-label={t("factor.secret")} translate="no" data-testid="totp-secret">
          {inFours(started.secret)}
        </output>
        <Entry
          label={t("signIn.code")}
          name="code"
          autoComplete="one-time-code"
          inputMode="numeric"
          value={code}
          onChange={setCode}
          description={t("factor.codeWhy")}
          hasAutoFocus
          isCode
        />
        <Fault error={confirm.error} wait={wait} wrong={t("signIn.codeWrong")} />
        <BusyButton
          className="button button-primary"
          type="submit"
          isBusy={confirm.isPending}
          isDisabled={code.trim() === ""}
        >
          {t("factor.confirm")}
        </BusyButton>
      </div>
    </form>
  );
}
