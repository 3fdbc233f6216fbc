import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { alertQuery } from "../../api/queries";
import type { Account, AlertDetail, Hit, Listing } from "../../api/types";
import { may } from "../../shell/rights";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states";
import { Evidence } from "../records/Evidence";
import { LegalBasis } from "../records/LegalBasis";
import { RecordFieldsTable } from "../records/RecordFieldsTable";
import { Actions } from "./Actions";
import { DetailHead } from "./DetailHead";
import { CameraNow, Recording } from "./Footage";
import { History } from "./History";

export function AlertDetailPane({ id, account, onBack }: { id: string; account: Account; onBack: () => void }) {
  const { t } = useTranslation();
  const query = useQuery(alertQuery(id));
  if (query.isPending) return <Skeleton rows={5} className="skeleton-page" />;
  if (query.data) return <Loaded alert={query.data} account={account} onBack={onBack} />;
  if (query.error instanceof ApiError && query.error.status === 404) {
    return <EmptyState title={t("detail.notFoundTitle")}>{t("detail.notFoundBody")}</EmptyState>;
  }
  return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
}

function Loaded({ alert, account, onBack }: { alert: AlertDetail; account: Account; onBack: () => void }) {
  const { t } = useTranslation();
  const { record, reference } = alert.hit;
  return (
    <article className="detail" data-testid="alert-detail" data-alert-id={alert.id} data-state={alert.state}>
      <div className="detail-scroll">
        <DetailHead alert={alert} onBack={onBack} />
        <div className="detail-columns">
          <div>
            {alert.clip && may(account, "playback") ? (
              <Recording
                clip={alert.clip}
                alertId={alert.id}
                observedUs={alert.observed_us}
                mayLock={may(account, "lock_evidence")}
              />
            ) : null}
            <Evidence
              title={t("evidence.title")}
              explanation={alert.hit.explanation}
              probability={alert.hit.probability}
              left={t(alert.kind === "plate_hit" ? "evidence.leftPlate" : "evidence.leftRecord")}
              right={t(alert.hit.database === null ? "evidence.leftRecord" : "evidence.right")}
            />
            <div className="records">
              {record ? <RecordFieldsTable title={t("record.listed")} fields={record} /> : null}
              {reference ? <RecordFieldsTable title={t("record.reference")} fields={reference} /> : null}
            </div>
          </div>
          <div>
            {alert.clip && may(account, "watch") ? <CameraNow cameraId={alert.clip.camera_id} /> : null}
            <LegalBasis listing={listingOf(alert.hit)} />
            <History alert={alert} />
          </div>
        </div>
      </div>
      <Actions alert={alert} account={account} />
    </article>
  );
}

const listingOf = ({ ground, ...rest }: Hit): Listing | null => (ground === null ? null : { ...rest, ground });
