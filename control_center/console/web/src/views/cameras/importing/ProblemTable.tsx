import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { ImportProblem } from "../../../api/registering";
import { count } from "../../../ui/format";
import { saveFile } from "../../audit/saveFile";
import { RowGap, useRowsInSight } from "../rowsInSight";
import { problemTable } from "./report";

/** As `registering.css` has it. */
const ROW_PX = 48;

/** What is wrong with each row and what to do about it; it may be long. */
export function ProblemTable({ problems }: { problems: ImportProblem[] }) {
  const { t } = useTranslation();
  const { scroller, look, first, end } = useRowsInSight(ROW_PX, problems.length);
  const save = () => saveFile("import-report.csv", new Blob([problemTable(problems)], { type: "text/csv" }));
  return (
    <section className="problems" aria-label={t("importing.problems")}>
      <header className="problems-head">
        <h3>{t("importing.problemsOf", { n: count(problems.length) })}</h3>
        <Button className="button button-small" onPress={save} data-testid="save-report">
          {t("importing.saveReport")}
        </Button>
      </header>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keys */}
      <div className="register-scroll" ref={scroller} onScroll={look} tabIndex={0} role="group" aria-label={t("importing.problems")}>
        <table className="grid grid-fixed problem-table" aria-rowcount={problems.length + 1} data-testid="problem-table">
          <thead>
            <tr aria-rowindex={1}>
              <th scope="col" data-column="row">{t("importing.row")}</th>
              <th scope="col" data-column="column">{t("importing.column")}</th>
              <th scope="col">{t("importing.what")}</th>
              <th scope="col">{t("importing.mend")}</th>
            </tr>
          </thead>
          <tbody>
            <RowGap rows={first} rowPx={ROW_PX} />
            {problems.slice(first, end).map(({ row, column, what, mend }, i) => (
              <tr key={`${row} ${column} ${what}`} aria-rowindex={first + i + 2} data-testid="problem-row">
                <td>{row}</td>
                <td translate="no">{column}</td>
                <td>
                  <span className="two-lines" title={what}>{what}</span>
                </td>
                <td>
                  <span className="two-lines" title={mend}>{mend}</span>
                </td>
              </tr>
            ))}
            <RowGap rows={problems.length - end} rowPx={ROW_PX} />
          </tbody>
        </table>
      </div>
    </section>
  );
}
