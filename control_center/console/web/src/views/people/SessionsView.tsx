import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { endSessionOf, identityKeys, sessionsQuery } from "../../api/identity";
import type { SessionRow } from "../../api/identityTypes";
import { hrefOf } from "../../shell/routing";
import { useAct } from "../../shell/useAct";
import { MorePages } from "../../ui/MorePages";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states";
import { Time } from "../../ui/Time";
import { useRowKeys } from "../../ui/useRowKeys";
import { ViewTabs } from "../../ui/ViewTabs";
import { browserOf } from "./browser";
import { PEOPLE_TABS } from "./PeopleView";

/** Who is signed in, where from, and since when. */
export function SessionsView() {
  const { t } = useTranslation();
  const query = useInfiniteQuery(sessionsQuery);
  const sessions = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="page" data-testid="sessions-view">
      <header className="page-head">
        <h1 className="visually-hidden">{t("nav.sessions")}</h1>
        <ViewTabs views={PEOPLE_TABS} current="sessions" />
        <p className="page-lead">{t("session.lead")}</p>
      </header>
      <div className="page-scroll">
        {query.isPending ? <Skeleton rows={6} className="skeleton-list" /> : null}
        {query.isError && sessions.length === 0 ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : null}
        {query.isSuccess && sessions.length === 0 ? <EmptyState title={t("session.none")} /> : null}
        {sessions.length > 0 ? <SessionTable sessions={sessions} /> : null}
        <MorePages query={query} />
      </div>
    </div>
  );
}

function SessionTable({ sessions }: { sessions: SessionRow[] }) {
  const { t } = useTranslation();
  const body = useRowKeys<HTMLTableSectionElement>();
  const { act, isPending } = useAct();
  const end = ({ id, username, account_id }: SessionRow) =>
    act({
      question: {
        title: t("session.endOf", { name: username }),
        body: t("session.endBody"),
        action: t("session.end"),
      },
      run: () => endSessionOf(id),
      done: t("session.ended"),
      touches: [identityKeys.sessions, identityKeys.person(account_id)],
    });
  return (
    <table className="grid" data-testid="session-table">
      <thead>
        <tr>
          <th scope="col">{t("session.who")}</th>
          <th scope="col">{t("session.method")}</th>
          <th scope="col">{t("session.browser")}</th>
          <th scope="col">{t("session.address")}</th>
          <th scope="col">{t("session.opened")}</th>
          <th scope="col">{t("session.lastInput")}</th>
          <th scope="col">{t("session.expires")}</th>
          <th scope="col">
            <span className="visually-hidden">{t("act.label")}</span>
          </th>
        </tr>
      </thead>
      <tbody ref={body}>
        {sessions.map((session) => (
          <tr key={session.id} data-testid="session-row">
            <th scope="row">
              <a className="grid-link" href={hrefOf("people", session.account_id)} data-row>
                {session.username}
              </a>{" "}
              {session.current ? <span className="chip chip-accent">{t("session.this")}</span> : null}
              {session.locked ? <span className="chip">{t("session.locked")}</span> : null}
            </th>
            <td>{session.method === "oidc" ? t("session.oidc") : t("session.password")}</td>
            <td title={session.agent}>{browserOf(session.agent) || t("session.unknownBrowser")}</td>
            <td translate="no">{session.address}</td>
            <td>
              <Time us={session.created_us} isBrief />
            </td>
            <td>
              <Time us={session.active_us} isBrief />
            </td>
            <td>
              <Time us={session.expires_us} isBrief />
            </td>
            <td className="grid-tools">
              {session.current ? null : (
                <Button
                  className="button button-small"
                  isDisabled={isPending}
                  aria-label={t("session.endOf", { name: session.username })}
                  onPress={() => end(session)}
                >
                  {t("session.end")}
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
