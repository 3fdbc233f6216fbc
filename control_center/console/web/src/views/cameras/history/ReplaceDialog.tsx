import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CameraDetail } from "../../../api/cameraColumns";
import { keys } from "../../../api/queries";
import { refusals } from "../../../api/refusals";
import { REPLACED_COLUMNS, registeringKeys, replaceDevice } from "../../../api/registering";
import { describe } from "../../../i18n/describe";
import { notify } from "../../../shell/messages";
import { DialogButtons } from "../../../ui/DialogButtons";
import { Entry, Words } from "../../../ui/fields";
import { Sheet } from "../../../ui/Sheet";
import { draftOf, type ReplacementDraft, replacementOf } from "./replacement";

type Props = { camera: CameraDetail; isOpen: boolean; onClose: () => void };

/** Another device under the same code: footage and history stay with the camera. */
export function ReplaceDialog({ camera, isOpen, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Sheet isOpen={isOpen} title={t("replacing.title", { name: camera.name })} onClose={onClose} testId="replace-dialog" isWide>
      <ReplaceForm camera={camera} onDone={onClose} />
    </Sheet>
  );
}

function ReplaceForm({ camera, onDone }: { camera: CameraDetail; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(camera));
  const replacing = useMutation({
    mutationFn: () => replaceDevice(camera.id, replacementOf(draft)),
    onSuccess: () => {
      notify("info", t("replacing.done", { name: camera.name }));
      onDone();
    },
    onSettled: () =>
      Promise.all(
        [registeringKeys.camera(camera.id), registeringKeys.history(camera.id), keys.cameras].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  });
  const refused = refusals(replacing.error);
  const isGood = draft.reason.trim() !== "" && draft.main_url.trim() !== "";
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isGood && !replacing.isPending) replacing.mutate();
  };
  const field = (name: Exclude<keyof ReplacementDraft, "reason">) => ({
    label: t(`column.${name}`),
    name: `new-${name.replaceAll("_", "-")}`,
    value: draft[name],
    onChange: (text: string) => {
      replacing.reset();
      setDraft({ ...draft, [name]: text });
    },
    isRequired: name === "main_url",
    isInvalid: name in refused,
    description: refused[name],
    maxLength: 1024,
  });
  return (
    <form className="replace-form" onSubmit={submit}>
      <p className="dialog-text">{t("replacing.lead")}</p>
      <div className="replace-fields">
        {REPLACED_COLUMNS.map((column) => (
          <Entry key={column} {...field(column)} />
        ))}
        <Entry {...field("username")} />
        <Entry {...field("password")} type="password" autoComplete="new-password" description={refused["password"] ?? t("cameraForm.passwordKept")} />
      </div>
      <Words
        label={t("act.reason")}
        name="replace-reason"
        value={draft.reason}
        onChange={(reason) => setDraft({ ...draft, reason })}
        isInvalid={"reason" in refused}
        description={refused["reason"] ?? t("replacing.reasonHint")}
      />
      <DialogButtons
        fault={replacing.error ? describe(replacing.error) : null}
        onCancel={onDone}
        isGood={isGood}
        isBusy={replacing.isPending}
        testId="replace-confirm"
      >
        {t("replacing.open")}
      </DialogButtons>
    </form>
  );
}
