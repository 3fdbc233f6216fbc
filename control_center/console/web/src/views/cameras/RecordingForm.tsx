import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { type CameraRecording, changeRecording, type RecordingChange, recordingKey, TRANSPORTS } from "../../api/recording";
import { registeringKeys } from "../../api/registering";
import type { Camera } from "../../api/types";
import { describe } from "../../i18n/describe";
import { notify } from "../../shell/messages";
import { BusyButton } from "../../ui/BusyButton";
import { Entry, FieldGroup } from "../../ui/fields";
import { Segments } from "../../ui/Segments";
import { changeOf, type Draft, draftOf, faultsOf, type Field, refusedField, undoing } from "./draft";
import { useLeaveGuard } from "./useLeaveGuard";

type Props = { camera: Camera; recording: CameraRecording; etag: string | null };

export function RecordingForm({ camera, recording, etag }: Props) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(() => draftOf(recording));
  const change = changeOf(draft, recording);
  const isChanged = Object.keys(change).length > 0;
  const faults = faultsOf(draft, recording);
  const { save, isPending, error, reset } = useSaving({ camera, recording, etag });
  useLeaveGuard(isChanged, t("register.leaveBody", { name: camera.name }));
  const edit = (part: Partial<Draft>) => {
    reset();
    setDraft({ ...draft, ...part });
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isChanged && !isPending && Object.keys(faults).length === 0) save(change);
  };
  const refused = refusedField(error);
  return (
    <form className="camera-form" onSubmit={submit} data-testid="recording-form">
      <Fields draft={draft} onEdit={edit} recording={recording} faults={faults} refused={refused} error={error} />
      <p className="form-error" role="alert">
        {error && refused === null ? describe(error) : null}
      </p>
      <div className="dialog-buttons">
        {isChanged ? <span className="quiet camera-unsaved">{t("register.unsaved")}</span> : null}
        <Button className="button" isDisabled={!isChanged} onPress={() => edit(draftOf(recording))} data-testid="recording-discard">
          {t("register.discard")}
        </Button>
        <BusyButton
          className="button button-primary"
          type="submit"
          isDisabled={!isChanged || Object.keys(faults).length > 0}
          isBusy={isPending}
          data-testid="recording-save"
        >
          {t("common.save")}
        </BusyButton>
      </div>
    </form>
  );
}

type FieldsProps = {
  draft: Draft;
  onEdit: (part: Partial<Draft>) => void;
  recording: CameraRecording;
  faults: ReturnType<typeof faultsOf>;
  refused: Field | null;
  error: Error | null;
};

function Fields({ draft, onEdit, recording: { center }, faults, refused, error }: FieldsProps) {
  const { t } = useTranslation();
  /** What is wrong with a field, or what it is for. */
  const note = (field: Field, fault: string, hint: string) => {
    if (faults[field]) return { isInvalid: true, description: fault };
    return refused === field && error ? { isInvalid: true, description: describe(error) } : { description: hint };
  };
  const range = { min: center.min_days, max: center.max_days };
  return (
    <>
      <FieldGroup label={t("register.transport")}>
        <Segments
          label={t("register.transport")}
          value={draft.transport}
          options={TRANSPORTS.map((value) => ({ value, label: t(value === "tcp" ? "register.tcp" : "register.udp") }))}
          onChange={(transport) => onEdit({ transport })}
          testId="recording-transport"
        />
      </FieldGroup>
      <Entry
        label={t("register.sound")}
        name="audio-purpose"
        value={draft.audio_purpose}
        onChange={(audio_purpose) => onEdit({ audio_purpose })}
        maxLength={500}
        isRequired={false}
        {...note("audio_purpose", "", t("register.soundHint"))}
      />
      <Entry
        label={t("register.days")}
        name="retention-days"
        value={draft.retention_days}
        onChange={(retention_days) => onEdit({ retention_days })}
        isRequired={false}
        {...note("retention_days", t("register.daysFault", range), t("register.daysHint", { days: center.days }))}
      />
      <Entry
        label={t("register.size")}
        name="retention-gb"
        value={draft.retention_gb}
        onChange={(retention_gb) => onEdit({ retention_gb })}
        isRequired={false}
        {...note("retention_bytes", t("register.sizeFault"), t("register.sizeHint"))}
      />
      <Entry
        label={t("register.pin")}
        name="tls-sha256"
        value={draft.tls_sha256}
        onChange={(tls_sha256) => onEdit({ tls_sha256 })}
        maxLength={100}
        isRequired={false}
        {...note("tls_sha256", t("register.pinFault"), t("register.pinHint"))}
      />
    </>
  );
}

/** Saves, says so with a way back, and shows the present state where somebody else was faster. */
function useSaving({ camera, recording, etag }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const queryKey = recordingKey(camera.id);
  const show = async (change: RecordingChange, version: string | null) => {
    const answer = await changeRecording(camera.id, change, version);
    client.setQueryData(queryKey, answer);
    void client.invalidateQueries({ queryKey: registeringKeys.camera(camera.id) }); // they share one version
    return answer;
  };
  const undo = (change: RecordingChange, version: string | null) =>
    show(undoing(change, recording), version).then(
      () => notify("info", t("register.undone", { name: camera.name })),
      (error: unknown) => notify("warning", t("note.failed", { detail: describe(error) })),
    );
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: (change: RecordingChange) => show(change, etag),
    onSuccess: (answer, change) =>
      notify("info", t("register.saved", { name: camera.name }), {
        label: t("common.undo"),
        run: () => void undo(change, answer.etag),
      }),
    onError: async (refusal) => {
      if (!(refusal instanceof ApiError) || refusal.status !== 412) return;
      await client.invalidateQueries({ queryKey });
      notify("warning", t("problem.precondition_failed"));
    },
  });
  return { save: mutate, isPending, error, reset };
}
