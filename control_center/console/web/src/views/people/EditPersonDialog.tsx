import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { changePerson, identityKeys, type PersonChange } from "../../api/identity";
import type { Person } from "../../api/identityTypes";
import { describe } from "../../i18n/describe";
import { notify } from "../../shell/messages";
import { DialogButtons } from "../../ui/DialogButtons";
import { CenterPicker } from "../../ui/CenterPicker";
import { Entry } from "../../ui/fields";
import { Sheet } from "../../ui/Sheet";

type Props = { person: Person; etag: string | null; isOpen: boolean; onClose: () => void };

export function EditPersonDialog({ person, etag, isOpen, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Sheet isOpen={isOpen} title={t("person.edit")} onClose={onClose} testId="edit-dialog">
      {/* Somebody else's change is shown anew: the form starts from the version that it will name. */}
      <EditForm key={etag} person={person} etag={etag} onDone={onClose} />
    </Sheet>
  );
}

function EditForm({ person, etag, onDone }: { person: Person; etag: string | null; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState(person.display_name);
  const [center, setCenter] = useState<string | null>(person.center_id);
  const refresh = () =>
    Promise.all(
      [identityKeys.person(person.id), identityKeys.people].map((queryKey) => client.invalidateQueries({ queryKey })),
    );
  const change = useMutation({
    mutationFn: (wanted: PersonChange) => changePerson(person.id, wanted, etag),
    onSuccess: async () => {
      await refresh();
      notify("info", t("person.saved"));
      onDone();
    },
    onError: async (error) => {
      if (!(error instanceof ApiError) || error.status !== 412) return;
      await refresh();
      notify("warning", t("person.changedMeanwhile"));
    },
  });

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const wanted: PersonChange = {
      ...(name.trim() === person.display_name ? {} : { display_name: name.trim() }),
      ...(center === null || center === person.center_id ? {} : { center_id: center }),
    };
    if (Object.keys(wanted).length === 0) return onDone();
    return change.isPending ? undefined : change.mutate(wanted);
  };

  return (
    <form onSubmit={submit}>
      <Entry label={t("person.name")} name="display-name" value={name} onChange={setName} maxLength={200} hasAutoFocus />
      <CenterPicker label={t("person.homeCenter")} value={center} onChange={setCenter} />
      <DialogButtons
        fault={change.isError ? describe(change.error) : null}
        onCancel={onDone}
        isGood={name.trim() !== "" && center !== null}
        isBusy={change.isPending}
      >
        {t("common.save")}
      </DialogButtons>
    </form>
  );
}
