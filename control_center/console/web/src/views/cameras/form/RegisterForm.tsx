import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { CameraChange, CameraDetail } from "../../../api/cameraColumns";
import { ApiError } from "../../../api/client";
import type { Tagged } from "../../../api/identityTypes";
import { keys } from "../../../api/queries";
import { recordingKey } from "../../../api/recording";
import { refusals } from "../../../api/refusals";
import { changeCamera, registeringKeys } from "../../../api/registering";
import { describe } from "../../../i18n/describe";
import { notify } from "../../../shell/messages";
import { BusyButton } from "../../../ui/BusyButton";
import { shownValue } from "../history/values";
import { useLeaveGuard } from "../useLeaveGuard";
import { CameraFields } from "./CameraFields";
import { differences, undoing } from "./columns";
import { useCameraDraft } from "./useCameraDraft";

type Props = { camera: CameraDetail; etag: string | null };

/** Everything that is registered of a camera, to be changed. */
export function RegisterForm({ camera, etag }: Props) {
  const { t } = useTranslation();
  const { draft, change, isChanged, isGood, faults, edit, tell, discard } = useCameraDraft(camera);
  const { save, isPending, error, reset, theirs } = useSaving({ camera, etag }, discard);
  useLeaveGuard(isChanged, t("register.leaveBody", { name: camera.name }));
  const refused = refusals(error);
  const giveUp = () => {
    reset();
    discard();
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    tell();
    if (isChanged && isGood && !isPending) save(change);
  };
  return (
    <form className="camera-form" onSubmit={submit} data-testid="register-form">
      {theirs ? <Theirs before={theirs} now={camera} /> : null}
      <CameraFields
        draft={draft}
        onEdit={(part) => {
          reset();
          edit(part);
        }}
        faults={faults}
        refused={refused}
        hasLogin={camera.username !== null}
      />
      <div className="form-foot">
        <p className="form-error" role="alert">
          {error && !isConflict(error) ? describe(error) : null}
          {Object.keys(faults).length > 0 ? t("cameraForm.faulty") : null}
        </p>
        <div className="dialog-buttons">
          {isChanged ? <span className="quiet camera-unsaved">{t("register.unsaved")}</span> : null}
          <Button className="button" isDisabled={!isChanged} onPress={giveUp} data-testid="register-discard">
            {t("register.discard")}
          </Button>
          <BusyButton className="button button-primary" type="submit" isDisabled={!isChanged} isBusy={isPending} data-testid="register-save">
            {t("common.save")}
          </BusyButton>
        </div>
      </div>
    </form>
  );
}

const isConflict = (error: unknown) => error instanceof ApiError && error.status === 412;

/** What somebody else changed since the form was opened. */
function Theirs({ before, now }: { before: CameraDetail; now: CameraDetail }) {
  const { t } = useTranslation();
  const names = differences(before, now);
  return (
    <div className="notice" role="alert" data-testid="register-conflict">
      <p>{t("cameraForm.conflict")}</p>
      <ul>
        {names.map((name) => (
          <li key={name}>
            {t(`column.${name}`)}: {shownValue(before[name])} → {shownValue(now[name])}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Saves and says so with a way back; where somebody else was faster, what they changed is told and nothing is lost. */
function useSaving({ camera, etag }: Props, onSaved: () => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const queryKey = registeringKeys.camera(camera.id);
  const [theirs, setTheirs] = useState<CameraDetail | null>(null);
  const send = async (change: CameraChange, version: string | null) => {
    const answer = await changeCamera(camera.id, change, version);
    client.setQueryData<Tagged<CameraDetail>>(queryKey, answer);
    const old = [keys.cameras, recordingKey(camera.id), registeringKeys.history(camera.id)];
    for (const each of old) void client.invalidateQueries({ queryKey: each });
    return answer;
  };
  const undo = (change: CameraChange, version: string | null) =>
    send(change, version).then(
      () => notify("info", t("register.undone", { name: camera.name })),
      (error: unknown) => notify("warning", t("note.failed", { detail: describe(error) })),
    );
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: (change: CameraChange) => send(change, etag),
    onSuccess: (answer, change) => {
      const back = undoing(change, camera);
      setTheirs(null);
      onSaved();
      notify(
        "info",
        t("register.saved", { name: answer.data.name }),
        back && { label: t("common.undo"), run: () => void undo(back, answer.etag) },
      );
    },
    onError: async (refusal) => {
      if (!isConflict(refusal)) return;
      setTheirs(camera);
      await client.invalidateQueries({ queryKey });
    },
  });
  return { save: mutate, isPending, error, reset, theirs };
}
