import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { healthKeys, setMaintenance } from "../../api/health";
import { keys } from "../../api/queries";
import type { Camera } from "../../api/types";
import { describe } from "../../i18n/describe";
import { notify } from "../../shell/messages";
import { DialogButtons } from "../../ui/DialogButtons";
import { Entry } from "../../ui/fields";
import { Moment } from "../../ui/Moment";
import { Sheet } from "../../ui/Sheet";
import { isMaintenanceEnd, LONGEST_DAYS, proposedEnd } from "./maintenance";

type Props = { camera: Camera; isOpen: boolean; onClose: () => void };

export function MaintenanceDialog({ camera, isOpen, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Sheet isOpen={isOpen} title={t("care.setTitle", { name: camera.name })} onClose={onClose} testId="maintenance-dialog">
      <MaintenanceForm camera={camera} onDone={onClose} />
    </Sheet>
  );
}

function MaintenanceForm({ camera, onDone }: { camera: Camera; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [nowUs] = useState(() => Date.now() * 1000);
  const [untilUs, setUntil] = useState<number | null>(() => proposedEnd(nowUs));
  const [reason, setReason] = useState("");
  const isEndGood = untilUs !== null && isMaintenanceEnd(untilUs, nowUs);
  const isGood = isEndGood && reason.trim() !== "";
  const setting = useMutation({
    mutationFn: () => setMaintenance(camera.id, { until_us: untilUs ?? 0, reason: reason.trim() }),
    onSuccess: () => {
      notify("info", t("care.isSet", { name: camera.name }));
      onDone();
    },
    onSettled: () =>
      Promise.all([keys.cameras, healthKeys.faults].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isGood && !setting.isPending) setting.mutate();
  };
  return (
    <form onSubmit={submit}>
      <p className="dialog-text">{t("care.setLead")}</p>
      <Moment
        label={t("care.ends")}
        us={untilUs}
        onChange={setUntil}
        isInvalid={untilUs !== null && !isEndGood}
        testId="maintenance-until"
      />
      <p className="field-hint">{t("care.longest", { days: LONGEST_DAYS })}</p>
      <Entry label={t("act.reason")} name="maintenance-reason" value={reason} onChange={setReason} maxLength={500} hasAutoFocus />
      <DialogButtons
        fault={setting.isError ? describe(setting.error) : null}
        onCancel={onDone}
        isGood={isGood}
        isBusy={setting.isPending}
        testId="maintenance-confirm"
      >
        {t("care.confirm")}
      </DialogButtons>
    </form>
  );
}
