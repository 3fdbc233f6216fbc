import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { openRepair, repairKeys } from "../../api/repairs";
import type { Camera } from "../../api/types";
import { describe } from "../../i18n/describe";
import { notify } from "../../shell/messages";
import { go } from "../../shell/routing";
import { CameraPicker } from "../../ui/CameraPicker";
import { DialogButtons } from "../../ui/DialogButtons";
import { Entry, Words } from "../../ui/fields";
import { Sheet } from "../../ui/Sheet";

type Props = {
  /** Null: it is chosen in the dialog. */
  camera: Pick<Camera, "id" | "name"> | null;
  /** What is known of the fault already. */
  fault: string;
  isOpen: boolean;
  onClose: () => void;
};

export function OpenRepairDialog({ camera, fault, isOpen, onClose }: Props) {
  const { t } = useTranslation();
  const title = camera ? t("repair.openTitle", { name: camera.name }) : t("repair.open");
  return (
    <Sheet isOpen={isOpen} title={title} onClose={onClose} testId="open-repair-dialog">
      <OpenForm camera={camera} knownFault={fault} onDone={onClose} />
    </Sheet>
  );
}

type FormProps = Pick<Props, "camera"> & { knownFault: string; onDone: () => void };

function OpenForm({ camera, knownFault, onDone }: FormProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [cameraId, setCamera] = useState(camera?.id ?? null);
  const [fault, setFault] = useState(knownFault);
  const [assigned, setAssigned] = useState("");
  const isGood = cameraId !== null && fault.trim() !== "";
  const opening = useMutation({
    mutationFn: () =>
      openRepair({
        camera_id: cameraId ?? "",
        fault: fault.trim(),
        ...(assigned.trim() === "" ? {} : { assigned_to: assigned.trim() }),
      }),
    onSuccess: ({ id }) => {
      notify("info", t("repair.opened"));
      onDone();
      go("repairs", id);
    },
    onSettled: () => client.invalidateQueries({ queryKey: repairKeys.all }),
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isGood && !opening.isPending) opening.mutate();
  };
  return (
    <form onSubmit={submit}>
      {camera ? null : (
        <CameraPicker label={t("detail.camera")} value={cameraId} onChange={setCamera} testId="repair-camera" />
      )}
      <Words
        label={t("repair.fault")}
        name="repair-fault"
        value={fault}
        onChange={setFault}
        maxLength={2000}
        hasAutoFocus={camera !== null}
      />
      <Entry
        label={t("repair.assignedOptional")}
        name="repair-assigned"
        value={assigned}
        onChange={setAssigned}
        maxLength={200}
        isRequired={false}
      />
      <DialogButtons
        fault={opening.isError ? describe(opening.error) : null}
        onCancel={onDone}
        isGood={isGood}
        isBusy={opening.isPending}
        testId="open-repair-confirm"
      >
        {t("repair.openIt")}
      </DialogButtons>
    </form>
  );
}
