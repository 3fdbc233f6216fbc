import { useMutation } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { BusyButton } from "../../ui/BusyButton";
import { Entry } from "../../ui/fields";
import { Fault } from "./Fault";
import { useWait } from "./useWait";

type Props = { onCode: (code: string) => Promise<void>; onBack: () => void };

/** The second factor: the code that the authenticator shows, or one of the recovery codes. */
export function CodeStep({ onCode, onBack }: Props) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const [isRecovery, setRecovery] = useState(false);
  const attempt = useMutation({ mutationFn: () => onCode(code.trim()), onError: () => setCode("") });
  const wait = useWait(attempt.error);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!attempt.isPending && wait === 0 && code.trim() !== "") attempt.mutate();
  };
  const change = () => {
    setRecovery(!isRecovery);
    setCode("");
    attempt.reset();
  };

  return (
    <form onSubmit={submit} data-testid="code-form">
      <p className="entrance-lead">{isRecovery ? t("signIn.recoveryLead") : t("signIn.codeLead")}</p>
      <Entry
        key={String(isRecovery)}
        label={isRecovery ? t("signIn.recoveryCode") : t("signIn.code")}
        name="code"
        autoComplete={isRecovery ? "off" : "one-time-code"}
        inputMode={isRecovery ? "text" : "numeric"}
        value={code}
        onChange={setCode}
        hasAutoFocus
        isCode
      />
      <Fault error={attempt.error} wait={wait} wrong={t("signIn.codeWrong")} />
      <BusyButton
        className="button button-primary button-wide"
        type="submit"
        isBusy={attempt.isPending}
        isDisabled={wait > 0 || code.trim() === ""}
      >
        {attempt.isPending ? t("signIn.working") : t("signIn.submit")}
      </BusyButton>
      <div className="entrance-ways">
        <Button className="link-button" onPress={change} data-testid="use-recovery">
          {isRecovery ? t("signIn.useAuthenticator") : t("signIn.useRecovery")}
        </Button>
        <Button className="link-button" onPress={onBack}>
          {t("signIn.back")}
        </Button>
      </div>
    </form>
  );
}
