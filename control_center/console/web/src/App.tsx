import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { useTranslation } from "react-i18next";
import { overviewQuery, sessionQuery } from "./api/queries";
import type { Account } from "./api/types";
import { LOCALE, language } from "./i18n";
import { endSession } from "./shell/endSession";
import { KeysHelp } from "./shell/KeysHelp";
import { useKeys } from "./shell/keymap";
import { Messages } from "./shell/messages";
import { Rail } from "./shell/Rail";
import { go, useRoute } from "./shell/routing";
import { StatusStrip } from "./shell/StatusStrip";
import { useTheme } from "./shell/switches";
import { useEvents } from "./shell/useEvents";
import { ErrorState, Skeleton } from "./ui/states";
import { AlertsView } from "./views/alerts/AlertsView";
import { NewPassword } from "./views/signin/NewPassword";
import { SignIn } from "./views/signin/SignIn";

const LiveView = lazy(() => import("./views/live/LiveView").then(({ LiveView: view }) => ({ default: view })));
const BoardView = lazy(() => import("./views/board/BoardView").then(({ BoardView: view }) => ({ default: view })));

export function App() {
  useTranslation(); // all below is drawn anew in another language
  useTheme();
  return (
    <I18nProvider locale={LOCALE[language()]}>
      <Door />
      <Messages />
    </I18nProvider>
  );
}

/** Who is signed in decides what is shown. */
function Door() {
  const session = useQuery(sessionQuery);
  if (session.isPending) return <Skeleton rows={3} className="skeleton-page" />;
  if (session.isError) return <ErrorState error={session.error} onRetry={() => void session.refetch()} />;
  if (session.data === null) return <SignIn />;
  if (session.data.must_change_password) return <NewPassword account={session.data} />;
  return <Console account={session.data} />;
}

function Console({ account }: { account: Account }) {
  const client = useQueryClient();
  const route = useRoute();
  const connection = useEvents();
  const [isShowingKeys, setShowingKeys] = useState(false);
  const fresh = useQuery(overviewQuery).data?.alerts.new ?? 0;
  useKeys({
    help: () => setShowingKeys(true),
    goAlerts: () => go("alerts"),
    goLive: () => go("live"),
    goBoard: () => go("board"),
  });

  return (
    <div className="console" data-testid="console">
      <title>{fresh > 0 ? `(${fresh}) Vedette` : "Vedette"}</title>
      <Rail
        view={route.view}
        account={account}
        onShowKeys={() => setShowingKeys(true)}
        onSignedOut={() => endSession(client)}
      />
      <main className="view">
        <Suspense fallback={<Skeleton rows={8} className="skeleton-page" />}>
          {route.view === "alerts" ? <AlertsView openId={route.id} account={account} /> : null}
          {route.view === "live" ? <LiveView enlargedId={route.id} /> : null}
          {route.view === "board" ? <BoardView /> : null}
        </Suspense>
      </main>
      <StatusStrip connection={connection} account={account} />
      <KeysHelp isOpen={isShowingKeys} onClose={() => setShowingKeys(false)} />
    </div>
  );
}
