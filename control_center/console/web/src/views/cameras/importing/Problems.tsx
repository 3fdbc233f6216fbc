import { useTranslation } from "react-i18next";
import type { ImportReport } from "../../../api/registering";
import { count } from "../../../ui/format";
import { ProblemTable } from "./ProblemTable";

/** What is wrong, and what was left out although nothing is wrong with its row. */
export function Problems({ report: { problems, notes } }: { report: ImportReport }) {
  const { t } = useTranslation();
  return (
    <>
      {problems.length > 0 ? (
        <ProblemTable title={t("importing.problemsOf", { n: count(problems.length) })} problems={problems} />
      ) : null}
      {notes.length > 0 ? <ProblemTable title={t("importing.notes")} problems={notes} /> : null}
    </>
  );
}
