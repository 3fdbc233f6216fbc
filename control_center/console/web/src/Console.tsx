import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Activity, lazy, Suspense, useState } from "react";
import { overviewQuery } from "./api/queries";
import type { Account } from "./api/types";
import { endSession } from "./shell/endSession";
import { Questions } from "./shell/confirm";
import { KeysHelp } from "./shell/KeysHelp";
import { useKeys } from "./shell/keymap";
import { lockNow } from "./shell/lock";
import { Messages } from "./shell/messages";
import { Rail } from "./shell/Rail";
import { ReasonDialog } from "./shell/ReasonDialog";
import { maySee, permitted } from "./shell/rights";
import { go, parseRoute, type Route, useHash, type View } from "./shell/routing";
import { StatusStrip } from "./shell/StatusStrip";
import { useEvents } from "./shell/useEvents";
import { useMissedAlerts } from "./shell/useMissedAlerts";
import { Skeleton } from "./ui/states";
import { AlertsView } from "./views/alerts/AlertsView";
import { LockScreen } from "./views/lock/LockScreen";

const LiveView = lazy(() => import("./views/live/LiveView").then(({ LiveView: view }) => ({ default: view })));
const CamerasView = lazy(() =>
  import("./views/cameras/CamerasView").then(({ CamerasView: view }) => ({ default: view })),
);
const MapView = lazy(() => import("./views/map/MapView").then(({ MapView: view }) => ({ default: view })));
const AvailabilityView = lazy(() =>
  import("./views/health/AvailabilityView").then(({ AvailabilityView: view }) => ({ default: view })),
);
const RepairsView = lazy(() =>
  import("./views/repairs/RepairsView").then(({ RepairsView: view }) => ({ default: view })),
);
const BoardView = lazy(() => import("./views/board/BoardView").then(({ BoardView: view }) => ({ default: view })));
const LookUpsView = lazy(() =>
  import("./views/lookUps/LookUpsView").then(({ LookUpsView: view }) => ({ default: view })),
);
const EvidenceView = lazy(() =>
  import("./views/evidence/EvidenceView").then(({ EvidenceView: view }) => ({ default: view })),
);
const PeopleView = lazy(() => import("./views/people/PeopleView").then(({ PeopleView: view }) => ({ default: view })));
const SessionsView = lazy(() =>
  import("./views/people/SessionsView").then(({ SessionsView: view }) => ({ default: view })),
);
const LoansView = lazy(() => import("./views/loans/LoansView").then(({ LoansView: view }) => ({ default: view })));
const AuditView = lazy(() => import("./views/audit/AuditView").then(({ AuditView: view }) => ({ default: view })));
const ReportView = lazy(() => import("./views/audit/ReportView").then(({ ReportView: view }) => ({ default: view })));
const AccountView = lazy(() =>
  import("./views/account/AccountView").then(({ AccountView: view }) => ({ default: view })),
);

type Props = { account: Account; isLocked: boolean };

export function Console({ account, isLocked }: Props) {
  const client = useQueryClient();
  const route = permitted(parseRoute(useHash()), account);
  const connection = useEvents(account);
  useMissedAlerts(isLocked);
  const [isShowingKeys, setShowingKeys] = useState(false);
  const fresh = useQuery(overviewQuery).data?.alerts.new ?? 0;
  const lock = () => void lockNow(client);
  const goTo = (view: View) => (maySee(account, view) ? go(view) : false);
  useKeys({
    help: () => setShowingKeys(true),
    lock,
    goAlerts: () => goTo("alerts"),
    goLive: () => goTo("live"),
    goCameras: () => goTo("cameras"),
    goMap: () => goTo("map"),
    goBoard: () => goTo("board"),
    goLookUps: () => goTo("look-ups"),
    goEvidence: () => goTo("evidence"),
    goLoans: () => goTo("loans"),
    goPeople: () => goTo("people"),
    goAudit: () => goTo("audit"),
    goAccount: () => goTo("account"),
  });
  // The wall of pictures goes on; whatever shows records or names goes out of sight.
  const isWall = route.view === "live";

  return (
    <>
      <div className="console" data-testid="console" data-locked={isLocked} data-wall={isWall} inert={isLocked}>
        <title>{fresh > 0 && maySee(account, "alerts") ? `(${fresh}) Vedette` : "Vedette"}</title>
        <Rail
          view={route.view}
          account={account}
          onLock={lock}
          onShowKeys={() => setShowingKeys(true)}
          onSignedOut={() => endSession(client)}
        />
        <main className="view">
          <Activity mode={isLocked && !isWall ? "hidden" : "visible"}>
            <Suspense fallback={<Skeleton rows={8} className="skeleton-page" />}>
              <Shown route={route} account={account} isLocked={isLocked} />
            </Suspense>
          </Activity>
        </main>
        <StatusStrip connection={connection} account={account} />
        <KeysHelp account={account} isOpen={isShowingKeys && !isLocked} onClose={() => setShowingKeys(false)} />
        <Questions />
        <ReasonDialog />
        {isLocked ? null : <Messages />}
      </div>
      <LockScreen account={account} isOpen={isLocked} isOverWall={isWall} />
    </>
  );
}

type ShownProps = { route: Route; account: Account; isLocked: boolean };

function Shown({ route: { view, id }, account, isLocked }: ShownProps) {
  switch (view) {
    case "alerts":
      return <AlertsView openId={id} account={account} />;
    case "live":
      return <LiveView enlargedId={id} account={account} />;
    case "cameras":
      return <CamerasView openId={id} account={account} />;
    case "map":
      return <MapView openId={id} account={account} />;
    case "availability":
      return <AvailabilityView />;
    case "repairs":
      return <RepairsView openId={id} account={account} />;
    case "board":
      return <BoardView />;
    case "look-ups":
      // What is hidden is kept; what was entered and found here must not outlive a lock.
      return isLocked ? null : <LookUpsView account={account} />;
    case "evidence":
      return <EvidenceView account={account} />;
    case "people":
      return <PeopleView openId={id} account={account} />;
    case "sessions":
      return <SessionsView />;
    case "loans":
      return <LoansView />;
    case "audit":
      return <AuditView openId={id} />;
    case "report":
      return <ReportView account={account} />;
    case "account":
      return <AccountView account={account} />;
  }
}
