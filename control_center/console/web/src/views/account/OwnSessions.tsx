import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { endOwnSession, identityKeys, ownSessionsQuery } from "../../api/identity";
import { useAct } from "../../shell/useAct";
import { Panel } from "../../ui/Panel";
import { ErrorState, Skeleton } from "../../ui/states";
import { SessionList } from "../people/SessionList";

export function OwnSessions() {
  const { t } = useTranslation();
  const query = useQuery(ownSessionsQuery);
  const { act } = useAct();
  const end = (id: string) =>
    act({
      question: { title: t("session.endTitle"), body: t("session.endOwnBody"), action: t("session.end") },
      run: () => endOwnSession(id),
      done: t("session.ended"),
      touches: [identityKeys.ownSessions],
    });
  return (
    <Panel title={t("account.sessions")} testId="account-sessions">
      {query.isPending ? <Skeleton rows={2} className="skeleton-lines" /> : null}
      {query.isError ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.data ? <SessionList sessions={query.data} onEnd={end} /> : null}
    </Panel>
  );
}
