import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { identityKeys, makeToken } from "../../api/identity";
import type { Account, Right } from "../../api/types";
import { may } from "../../shell/rights";
import { BusyButton } from "../../ui/BusyButton";
import { Choice, Entry, FieldGroup, Tick } from "../../ui/fields";
import { Secret } from "../../ui/Secret";
import { Sheet } from "../../ui/Sheet";
import { Fault } from "../signin/Fault";
import { isCodeNeeded } from "../signin/faults";
import { useWait } from "../signin/useWait";

/** What a program may be given: it reads. */
const FOR_PROGRAMS: readonly Right[] = ["enter", "see_cameras", "watch", "playback", "read", "audit"];
const DAYS = ["7", "30", "90", "366"] as const;

type Props = { account: Account; isOpen: boolean; onClose: () => void };

export function NewTokenDialog({ account, isOpen, onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [made, setMade] = useState<string | null>(null);
  const close = () => {
    setMade(null);
    void client.invalidateQueries({ queryKey: identityKeys.ownTokens });
    onClose();
  };
  return (
    <Sheet isOpen={isOpen} title={t("token.make")} onClose={close} testId="token-dialog" isKept={made !== null}>
      {made === null ? (
        <TokenForm account={account} onMade={setMade} />
      ) : (
        <>
          <p className="dialog-text">{t("token.once")}</p>
          <Secret value={made} label={t("token.value")} testId="token-value" />
          <p className="field-hint">{t("token.how")}</p>
          <div className="dialog-buttons">
            <Button className="button button-primary" onPress={close}>
              {t("secret.kept")}
            </Button>
          </div>
        </>
      )}
    </Sheet>
  );
}

function TokenForm({ account, onMade }: { account: Account; onMade: (token: string) => void }) {
  const { t } = useTranslation();
  const offered = FOR_PROGRAMS.filter((right) => may(account, right));
  const [name, setName] = useState("");
  const [rights, setRights] = useState<readonly Right[]>(offered.filter((right) => right === "enter"));
  const [days, setDays] = useState<(typeof DAYS)[number]>("90");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const make = useMutation({
    mutationFn: () =>
      makeToken({
        name: name.trim(),
        rights: [...rights],
        days: Number(days),
        password,
        ...(code.trim() === "" ? {} : { code: code.trim() }),
      }),
    onSuccess: ({ token }) => onMade(token),
    onError: () => setCode(""),
  });
  const wait = useWait(make.error);
  const isGood = name.trim() !== "" && rights.length > 0 && password !== "";
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isGood && !make.isPending && wait === 0) make.mutate();
  };
  const toggle = (right: Right, isOn: boolean) =>
    setRights(offered.filter((each) => (each === right ? isOn : rights.includes(each))));

  return (
    <form onSubmit={submit}>
      <Entry label={t("token.name")} name="token-name" value={name} onChange={setName} maxLength={100} hasAutoFocus />
      <FieldGroup label={t("token.rights")}>
        <div className="ticks">
          {offered.map((right) => (
            <Tick key={right} isSelected={rights.includes(right)} onChange={(isOn) => toggle(right, isOn)}>
              {t(`right.${right}`)}
            </Tick>
          ))}
        </div>
      </FieldGroup>
      <Choice
        label={t("token.days")}
        value={days}
        options={DAYS.map((value) => ({ value, label: t("token.daysOf", { count: Number(value) }) }))}
        onChange={setDays}
      />
      <Entry
        label={t("account.ownPassword")}
        name="password"
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
      />
      {account.has_second_factor ? (
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
        error={make.error}
        wait={wait}
        wrong={isCodeNeeded(make.error) ? t("signIn.codeWrong") : t("account.passwordWrong")}
      />
      <div className="dialog-buttons">
        <BusyButton className="button button-primary" type="submit" isDisabled={!isGood} isBusy={make.isPending}>
          {t("token.make")}
        </BusyButton>
      </div>
    </form>
  );
}
