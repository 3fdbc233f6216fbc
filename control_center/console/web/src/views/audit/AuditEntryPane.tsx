import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { AuditEntry } from "../../api/identityTypes";
import { CloseIcon } from "../../ui/icons";
import { PairRows } from "../../ui/PairRows";
import { CopyButton } from "../../ui/Secret";
import { Time } from "../../ui/Time";
import { actionName } from "./actionName";

/** One entry with all that its hash covers. */
export function AuditEntryPane({ entry, onClose }: { entry: AuditEntry; onClose: () => void }) {
  const { t } = useTranslation();
  const rows: [string, string | null][] = [
    [t("audit.actor"), entry.actor],
    [t("audit.subject"), entry.subject],
    [t("act.reason"), entry.reason],
    [t("reason.case"), entry.case_number],
    [t("detail.center"), entry.center_name],
    [t("audit.node"), entry.node],
  ];
  return (
    <aside className="audit-entry" aria-label={t("audit.entry")} data-testid="audit-entry">
      <header className="audit-entry-head">
        <div>
          <h2>{actionName(entry.action)}</h2>
          <code translate="no">{entry.action}</code>
        </div>
        <Button className="icon-button" aria-label={t("detail.back")} onPress={onClose}>
          <CloseIcon />
        </Button>
      </header>
      <dl className="pairs">
        <div>
          <dt>{t("audit.seq")}</dt>
          <dd>{entry.seq}</dd>
        </div>
        <div>
          <dt>{t("audit.at")}</dt>
          <dd>
            <Time us={entry.at_us} />
          </dd>
        </div>
        <PairRows rows={rows} />
      </dl>
      {Object.keys(entry.detail).length > 0 ? (
        <>
          <h3>{t("audit.detail")}</h3>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keys */}
          <pre className="audit-json" translate="no" tabIndex={0} aria-label={t("audit.detail")}>
            {JSON.stringify(entry.detail, null, 2)}
          </pre>
        </>
      ) : null}
      <h3>{t("audit.hash")}</h3>
      <p className="audit-hash" translate="no" data-testid="audit-hash">
        {entry.hash}
      </p>
      <CopyButton text={entry.hash} />
      <p className="field-hint">{t("audit.hashWhat")}</p>
    </aside>
  );
}
