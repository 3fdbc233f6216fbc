import type { TFunction } from "i18next";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { ReportRow } from "../../api/identityTypes";
import type { Account } from "../../api/types";
import { term } from "../../i18n";
import { printOnly } from "../../shell/print";
import { count, dateAndTime } from "../../ui/format";
import { EmptyState } from "../../ui/states";
import { Time } from "../../ui/Time";
import { csv } from "./csv";
import { saveFile } from "./saveFile";
import { Totals } from "./Totals";
import type { Report } from "./useReport";

/** The report as it goes on paper: what was asked, by whom, and every look. */
export function ReportSheet({ report, account }: { report: Report; account: Account }) {
  const { t } = useTranslation();
  return (
    <article className="report print-report" data-testid="report">
      <header className="report-head">
        <div>
          <h2>{t("report.title")}</h2>
          <p className="quiet">
            <Time us={report.filter.from_us} /> – <Time us={report.filter.to_us} />
          </p>
        </div>
        <dl className="report-facts">
          <div>
            <dt>{t("report.madeBy")}</dt>
            <dd>
              {account.display_name}, <Time us={report.made_us} />
            </dd>
          </div>
          {report.reason.reason ? (
            <div>
              <dt>{t("act.reason")}</dt>
              <dd>{report.reason.reason}</dd>
            </div>
          ) : null}
          {report.reason.case_number ? (
            <div>
              <dt>{t("reason.case")}</dt>
              <dd>{report.reason.case_number}</dd>
            </div>
          ) : null}
        </dl>
        <div className="report-tools no-print">
          <Button className="button button-small" onPress={() => printOnly("report")} data-testid="print-report">
            {t("common.print")}
          </Button>
          <Button className="button button-small" onPress={() => save(t, report)} data-testid="export-report">
            {t("report.export")}
          </Button>
        </div>
      </header>
      {report.rows.length === 0 ? (
        <EmptyState title={t("report.noneTitle")}>{t("report.noneBody")}</EmptyState>
      ) : (
        <>
          {report.totals ? <Totals totals={report.totals} /> : null}
          {report.isCut ? <p className="notice">{t("report.cut", { n: count(report.rows.length) })}</p> : null}
          <ReportTable rows={report.rows} />
        </>
      )}
    </article>
  );
}

function ReportTable({ rows }: { rows: ReportRow[] }) {
  const { t } = useTranslation();
  return (
    <table className="grid" data-testid="report-table">
      <thead>
        <tr>
          <th scope="col">{t("report.when")}</th>
          <th scope="col">{t("report.who")}</th>
          <th scope="col">{t("report.what")}</th>
          <th scope="col">{t("report.about")}</th>
          <th scope="col">{t("report.span")}</th>
          <th scope="col">{t("audit.why")}</th>
          <th scope="col">{t("detail.center")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row, i) => (
          // Looks have no number of their own, and a report never changes its order.
          // oxlint-disable-next-line react/no-array-index-key
          <tr key={i} data-testid="report-row">
            <td>
              <Time us={row.at_us} />
            </td>
            <th scope="row">
              {row.display_name} <span className="quiet">{row.roles.map((role) => term("role", role)).join(", ")}</span>
            </th>
            <td>{term("look", row.what)}</td>
            <td className="grid-words">{row.subject_name || row.subject}</td>
            <td>
              <Span row={row} />
            </td>
            <td className="grid-words">{[row.case_number, row.reason].filter(Boolean).join(" · ")}</td>
            <td>{row.center_name}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The stretch of footage that was looked at. */
function Span({ row: { from_us, to_us } }: { row: ReportRow }) {
  if (from_us === null || to_us === null) return null;
  return (
    <>
      <Time us={from_us} isBrief /> – <Time us={to_us} isBrief />
    </>
  );
}

function save(t: TFunction, { rows, filter }: Report): void {
  const moment = (us: number | null) => (us === null ? "" : dateAndTime(us));
  const head = [
    t("report.when"),
    t("report.who"),
    t("signIn.username"),
    t("report.what"),
    t("report.about"),
    t("audit.from"),
    t("audit.to"),
    t("reason.case"),
    t("act.reason"),
    t("detail.center"),
  ];
  const lines = rows.map((row) => [
    moment(row.at_us),
    row.display_name,
    row.actor,
    term("look", row.what),
    row.subject_name || row.subject,
    moment(row.from_us),
    moment(row.to_us),
    row.case_number,
    row.reason,
    row.center_name,
  ]);
  const day = new Date(filter.to_us / 1000).toISOString().slice(0, "2026-11-25".length);
  saveFile(`vedette-report-${day}.csv`, new Blob([csv([head, ...lines])], { type: "text/csv" }));
}
