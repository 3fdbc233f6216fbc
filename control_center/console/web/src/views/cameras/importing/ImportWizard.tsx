import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { keys } from "../../../api/queries";
import { type ImportReport, importFile, registeringKeys } from "../../../api/registering";
import { describe } from "../../../i18n/describe";
import { hrefOf } from "../../../shell/routing";
import { BusyButton } from "../../../ui/BusyButton";
import { count } from "../../../ui/format";
import { useLeaveGuard } from "../useLeaveGuard";
import { Wizard } from "../Wizard";
import { FileStep } from "./FileStep";
import { ProblemTable } from "./ProblemTable";
import { ReportCounts } from "./ReportCounts";
import { typeOf } from "./report";

type Checked = { file: File; report: ImportReport };

/** A table of cameras: tried first, told what would become of it, then written. */
export function ImportWizard() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [checked, setChecked] = useState<Checked | null>(null);
  const [written, setWritten] = useState<ImportReport | null>(null);
  const send = (file: File, mode: { dry_run: boolean; partial: boolean }) =>
    importFile(file.slice(0, file.size, typeOf(file.name)), mode);
  const checking = useMutation({
    mutationFn: async (file: File) => ({ file, report: await send(file, { dry_run: true, partial: false }) }),
    onSuccess: setChecked,
  });
  const writing = useMutation({
    mutationFn: ({ file, report }: Checked) => send(file, { dry_run: false, partial: report.refused > 0 }),
    onSuccess: setWritten,
    onSettled: () => Promise.all([keys.cameras, keys.overview, registeringKeys.addresses].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
  useLeaveGuard(checked !== null && written === null, t("importing.leaveBody"));
  const again = () => {
    checking.reset();
    writing.reset();
    setChecked(null);
    setWritten(null);
  };
  const steps = [t("importing.file"), t("importing.check"), t("importing.done")];
  if (written) {
    return (
      <Wizard steps={steps} current={2} testId="import-wizard" tools={<AfterTools onAgain={again} />}>
        <Outcome report={written} />
      </Wizard>
    );
  }
  if (!checked) {
    return (
      <Wizard steps={steps} current={0} testId="import-wizard">
        <FileStep onFile={checking.mutate} isBusy={checking.isPending} error={checking.error} />
      </Wizard>
    );
  }
  return (
    <Wizard
      steps={steps}
      current={1}
      onBack={writing.isPending ? undefined : again}
      testId="import-wizard"
      tools={<WriteButton report={checked.report} isBusy={writing.isPending} onWrite={() => writing.mutate(checked)} />}
    >
      <p>
        <b translate="no">{checked.file.name}</b> <span className="quiet">{t("importing.dry")}</span>
      </p>
      <ReportCounts report={checked.report} />
      <p className="form-error" role="alert">
        {writing.error ? describe(writing.error) : null}
      </p>
      {checked.report.problems.length > 0 ? <ProblemTable problems={checked.report.problems} /> : <p>{t("importing.allGood")}</p>}
    </Wizard>
  );
}

type WriteProps = { report: ImportReport; isBusy: boolean; onWrite: () => void };

function WriteButton({ report, isBusy, onWrite }: WriteProps) {
  const { t } = useTranslation();
  const n = report.created + report.changed;
  const words = report.refused > 0 ? t("importing.writeGood", { n: count(n) }) : t("importing.writeAll", { n: count(n) });
  return (
    <BusyButton className="button button-primary" isDisabled={n === 0} isBusy={isBusy} onPress={onWrite} data-testid="import-write">
      {isBusy ? t("importing.writing") : words}
    </BusyButton>
  );
}

function Outcome({ report }: { report: ImportReport }) {
  const { t } = useTranslation();
  return (
    <>
      <p role="status" data-testid="import-outcome">
        {report.written ? t("importing.isWritten") : t("importing.notWritten")}
      </p>
      <ReportCounts report={report} />
      {report.problems.length > 0 ? <ProblemTable problems={report.problems} /> : null}
    </>
  );
}

function AfterTools({ onAgain }: { onAgain: () => void }) {
  const { t } = useTranslation();
  return (
    <>
      <Button className="button" onPress={onAgain}>
        {t("importing.again")}
      </Button>
      <a className="button button-primary" href={hrefOf("cameras")} data-testid="to-cameras">
        {t("registering.toRegister")}
      </a>
    </>
  );
}
