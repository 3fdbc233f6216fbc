import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { identityKeys, makePerson } from "../../api/identity";
import { describe } from "../../i18n/describe";
import { go } from "../../shell/routing";
import { DialogButtons } from "../../ui/DialogButtons";
import { CenterPicker } from "../../ui/CenterPicker";
import { Entry } from "../../ui/fields";
import { Sheet } from "../../ui/Sheet";
import { OneTimePassword } from "./OneTimePassword";
import { RoleFields, type Wanted } from "./RoleFields";

type Made = { name: string; password: string };

export function NewPersonDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const [made, setMade] = useState<Made | null>(null);
  return (
    <>
      <Sheet isOpen={isOpen} title={t("person.make")} onClose={onClose} testId="new-person-dialog">
        <PersonForm
          onMade={(person) => {
            setMade(person);
            onClose();
          }}
          onCancel={onClose}
        />
      </Sheet>
      <OneTimePassword
        name={made?.name ?? ""}
        password={made?.password ?? null}
        onClose={() => setMade(null)}
      />
    </>
  );
}

const faultOf = (t: TFunction, error: Error) =>
  error instanceof ApiError && error.status === 409 ? t("person.nameTaken") : describe(error);

function PersonForm({ onMade, onCancel }: { onMade: (made: Made) => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [username, setUsername] = useState("");
  const [name, setName] = useState("");
  const [home, setHome] = useState<string | null>(null);
  const [wanted, setWanted] = useState<Wanted>({ role: null, center: null });
  const roleCenter = wanted.center ?? home;
  const make = useMutation({
    mutationFn: () =>
      makePerson({
        username: username.trim(),
        display_name: name.trim(),
        center_id: home ?? "",
        roles: wanted.role && roleCenter ? [{ role: wanted.role, center_id: roleCenter }] : [],
      }),
    onSuccess: ({ account, one_time_password }) => {
      void client.invalidateQueries({ queryKey: identityKeys.people });
      go("people", account.id);
      onMade({ name: account.display_name, password: one_time_password });
    },
  });
  const isGood = username.trim() !== "" && name.trim() !== "" && home !== null;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isGood && !make.isPending) make.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Entry
        label={t("signIn.username")}
        name="new-username"
        value={username}
        onChange={setUsername}
        description={t("person.usernameHint")}
        maxLength={100}
        hasAutoFocus
      />
      <Entry label={t("person.name")} name="display-name" value={name} onChange={setName} maxLength={200} />
      <CenterPicker
        label={t("person.homeCenter")}
        value={home}
        onChange={setHome}
        placeholder={t("person.typeCenter")}
        testId="home-center"
      />
      <RoleFields wanted={{ ...wanted, center: roleCenter }} onChange={setWanted} />
      <DialogButtons
        fault={make.isError ? faultOf(t, make.error) : null}
        onCancel={onCancel}
        isGood={isGood}
        isBusy={make.isPending}
        testId="person-confirm"
      >
        {t("person.make")}
      </DialogButtons>
    </form>
  );
}
