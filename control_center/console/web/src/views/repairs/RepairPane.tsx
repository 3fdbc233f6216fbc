import { useQuery } from "@tanstack/react-query";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { type RepairDetail, repairQuery } from "../../api/repairs";
import type { Account } from "../../api/types";
import { printOnly } from "../../shell/print";
import { may } from "../../shell/rights";
import { hrefOf } from "../../shell/routing";
import { CloseIcon } from "../../ui/icons";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states";
import { Time } from "../../ui/Time";
import { Pictures } from "./Pictures";
import { RepairActs } from "./RepairActs";
import { RepairAge, RepairStateMark } from "./RepairMarks";
import { Story } from "./Story";

type Props = { id: string; account: Account; onClose: () => void };

export function RepairPane({ id, account, onClose }: Props) {
  const { t } = useTranslation();
  const query = useQuery(repairQuery(id));
  const isMissing = query.error instanceof ApiError && query.error.status === 404;
  return (
    <section className="camera-pane repair-pane" aria-label={t("repair.detail")} data-testid="repair-detail">
      <header className="audit-entry-head">
        <h2>{query.data?.camera.name ?? t("repair.detail")}</h2>
        <Button className="icon-button no-print" aria-label={t("repair.close")} onPress={onClose}>
          <CloseIcon />
        </Button>
      </header>
      {query.isPending ? <Skeleton rows={5} /> : null}
      {query.data ? <Loaded ticket={query.data} mayChange={may(account, "register")} /> : null}
      {query.data || query.isPending ? null : isMissing ? (
        <EmptyState title={t("repair.missingTitle")}>{t("repair.missingBody")}</EmptyState>
      ) : (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      )}
    </section>
  );
}

function Loaded({ ticket, mayChange }: { ticket: RepairDetail; mayChange: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      <p className="repair-line">
        <RepairStateMark state={ticket.state} /> <RepairAge ticket={ticket} />
        <a className="button button-small no-print" href={hrefOf("cameras", ticket.camera.id)} data-testid="repair-to-camera">
          {t("repair.toCamera")}
        </a>
        <Button className="button button-small no-print" onPress={() => printOnly("repair")} data-testid="print-repair">
          {t("common.print")}
        </Button>
      </p>
      <Facts ticket={ticket} />
      {mayChange ? <RepairActs ticket={ticket} /> : null}
      <Pictures ticket={ticket} mayAdd={mayChange} />
      <Story ticket={ticket} />
    </>
  );
}

function Facts({ ticket }: { ticket: RepairDetail }) {
  const { t } = useTranslation();
  return (
    <dl className="pairs panel" data-testid="repair-facts">
      <div>
        <dt>{t("repair.fault")}</dt>
        <dd className="repair-words">{ticket.fault}</dd>
      </div>
      <div>
        <dt>{t("detail.camera")}</dt>
        <dd>
          <span translate="no">{ticket.camera.code}</span> · {ticket.center_name}
        </dd>
      </div>
      <div>
        <dt>{t("repairColumn.assigned")}</dt>
        <dd>{ticket.assigned_to ?? t("repair.nobody")}</dd>
      </div>
      <div>
        <dt>{t("repair.since")}</dt>
        <dd>
          <Time us={ticket.opened_us} />
        </dd>
      </div>
      {ticket.closed_us === null ? null : (
        <>
          <div>
            <dt>{t("repair.until")}</dt>
            <dd>
              <Time us={ticket.closed_us} />
            </dd>
          </div>
          <div>
            <dt>{t(ticket.state === "done" ? "repair.work" : "act.reason")}</dt>
            <dd className="repair-words">{ticket.work}</dd>
          </div>
          {ticket.state === "done" ? (
            <div>
              <dt>{t("repair.acceptedBy")}</dt>
              <dd>{ticket.accepted_by}</dd>
            </div>
          ) : null}
        </>
      )}
    </dl>
  );
}
