import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type CameraHistoryEntry, historyQuery } from "../../../api/registering";
import { MorePages } from "../../../ui/MorePages";
import { Panel } from "../../../ui/Panel";
import { EmptyState, ErrorState, Skeleton } from "../../../ui/states";
import { Time } from "../../../ui/Time";
import { actionName } from "../../audit/actionName";
import { columnName, shownValue } from "./values";

/** Who changed what of a camera, newest first. */
export function HistoryPanel({ cameraId }: { cameraId: string }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(historyQuery(cameraId));
  if (query.isPending) return <Skeleton rows={5} className="skeleton-list" />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const entries = query.data.pages.flatMap(({ items }) => items);
  if (entries.length === 0) return <EmptyState title={t("cameraHistory.noneTitle")}>{t("cameraHistory.noneBody")}</EmptyState>;
  return (
    <Panel title={t("cameraHistory.title")} testId="camera-history">
      <ol className="history">
        {entries.map((entry) => (
          <Entry key={`${entry.at_us} ${entry.action} ${Object.keys(entry.changes).join(" ")}`} entry={entry} />
        ))}
      </ol>
      <MorePages query={query} />
    </Panel>
  );
}

function Entry({ entry }: { entry: CameraHistoryEntry }) {
  const { t } = useTranslation();
  return (
    <li data-testid="history-entry">
      <div className="history-line">
        <b>{actionName(entry.action)}</b>
        <span>{entry.actor}</span>
        <Time us={entry.at_us} />
      </div>
      {entry.reason ? <p className="history-note">{entry.reason}</p> : null}
      <dl className="changes">
        {Object.entries(entry.changes).map(([column, { from, to }]) => (
          <div key={column}>
            <dt>{columnName(column)}</dt>
            <dd>
              <del aria-label={t("cameraHistory.from", { value: shownValue(from) })}>{shownValue(from)}</del>{" "}
              <span aria-hidden="true">→</span>{" "}
              <ins aria-label={t("cameraHistory.to", { value: shownValue(to) })}>{shownValue(to)}</ins>
            </dd>
          </div>
        ))}
      </dl>
    </li>
  );
}
