import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { auditKeys, type AuditFilter, type ExportFormat, exportTrail } from "../../api/audit";
import { describe } from "../../i18n/describe";
import { notify } from "../../shell/messages";
import { Cancelled, withReason } from "../../shell/reasons";
import { BusyButton } from "../../ui/BusyButton";
import { Segments } from "../../ui/Segments";
import { Sheet } from "../../ui/Sheet";
import { saveFile } from "./saveFile";

const FORMATS: { value: ExportFormat; label: string }[] = [
  { value: "csv", label: "CSV" },
  { value: "jsonl", label: "JSON Lines" },
];

/** The entries of the present search as a file; who took them, and why, goes into the trail. */
export function ExportDialog({ filter }: { filter: AuditFilter }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [format, setFormat] = useState<ExportFormat>("csv");
  const take = useMutation({
    mutationFn: () => withReason(client, "export", (reason) => exportTrail(filter, format, reason)),
    onSuccess: ({ name, content }) => {
      saveFile(name, content);
      notify("info", t("audit.exported", { name }));
      void client.invalidateQueries({ queryKey: auditKeys.status });
    },
    onError: (error) => {
      if (!(error instanceof Cancelled)) notify("warning", t("note.failed", { detail: describe(error) }));
    },
  });
  const begin = () => {
    setOpen(false);
    take.mutate();
  };
  return (
    <>
      <BusyButton
        className="button button-small"
        isBusy={take.isPending}
        onPress={() => setOpen(true)}
        data-testid="export-trail"
      >
        {t("audit.export")}
      </BusyButton>
      <Sheet isOpen={isOpen} title={t("audit.export")} onClose={() => setOpen(false)} testId="export-dialog">
        <p className="dialog-text">{t("audit.exportLead")}</p>
        <div className="field">
          <Segments label={t("audit.format")} value={format} options={FORMATS} onChange={setFormat} />
        </div>
        <div className="dialog-buttons">
          <Button className="button" onPress={() => setOpen(false)}>
            {t("act.cancel")}
          </Button>
          <Button className="button button-primary" onPress={begin} data-testid="export-confirm">
            {t("audit.export")}
          </Button>
        </div>
      </Sheet>
    </>
  );
}
