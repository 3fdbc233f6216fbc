import { useTranslation } from "react-i18next";
import type { AuditEntry } from "../../api/identityTypes";
import { hrefOf } from "../../shell/routing";
import { Time } from "../../ui/Time";
import { useRowKeys } from "../../ui/useRowKeys";
import { actionName } from "./actionName";

type Props = { entries: AuditEntry[]; openSeq: number | null };

export function AuditTable({ entries, openSeq }: Props) {
  const { t } = useTranslation();
  const body = useRowKeys<HTMLTableSectionElement>();
  return (
    <table className="grid grid-fixed" data-testid="audit-table">
      <thead>
        <tr>
          <th scope="col" className="grid-seq">
            {t("audit.seq")}
          </th>
          <th scope="col" className="grid-time">
            {t("audit.at")}
          </th>
          <th scope="col">{t("audit.actor")}</th>
          <th scope="col" className="grid-action">
            {t("audit.action")}
          </th>
          <th scope="col">{t("audit.subject")}</th>
          <th scope="col">{t("audit.why")}</th>
          <th scope="col">{t("detail.center")}</th>
        </tr>
      </thead>
      <tbody ref={body}>
        {entries.map((entry) => (
          <tr key={entry.id} data-testid="audit-row" data-open={entry.seq === openSeq}>
            <th scope="row">
              <a
                className="grid-link"
                href={hrefOf("audit", String(entry.seq))}
                aria-current={entry.seq === openSeq ? "true" : undefined}
                data-row
              >
                {entry.seq}
              </a>
            </th>
            <td>
              <Time us={entry.at_us} />
            </td>
            <td>{entry.actor}</td>
            <td title={entry.action}>{actionName(entry.action)}</td>
            <td className="grid-cut" title={entry.subject}>
              {entry.subject}
            </td>
            <td className="grid-cut" title={entry.reason ?? ""}>
              {[entry.case_number, entry.reason].filter(Boolean).join(" · ")}
            </td>
            <td className="grid-cut">{entry.center_name}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
