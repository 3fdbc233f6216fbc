import { useQuery } from "@tanstack/react-query";
import type { ComponentType } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { signOut } from "../api/identity";
import { overviewQuery } from "../api/queries";
import type { Account } from "../api/types";
import {
  AccountIcon,
  AlertsIcon,
  AuditIcon,
  BoardIcon,
  CamerasIcon,
  EvidenceIcon,
  KeysIcon,
  LiveIcon,
  LoansIcon,
  LockIcon,
  LookUpIcon,
  MapIcon,
  Mark,
  PeopleIcon,
  SignOutIcon,
} from "../ui/icons";
import { maySee } from "./rights";
import { hrefOf, type NamedView, type View } from "./routing";
import { LanguageSwitch, ThemeSwitch } from "./switches";

/** One entry for each place to work at; what shares one is told apart by tabs there. */
const ENTRIES: { view: NamedView; icon: ComponentType; covers: readonly View[] }[] = [
  { view: "alerts", icon: AlertsIcon, covers: ["alerts"] },
  { view: "live", icon: LiveIcon, covers: ["live"] },
  { view: "cameras", icon: CamerasIcon, covers: ["cameras", "availability", "repairs"] },
  { view: "map", icon: MapIcon, covers: ["map"] },
  { view: "board", icon: BoardIcon, covers: ["board"] },
  { view: "look-ups", icon: LookUpIcon, covers: ["look-ups"] },
  { view: "evidence", icon: EvidenceIcon, covers: ["evidence"] },
  { view: "people", icon: PeopleIcon, covers: ["people", "sessions"] },
  { view: "loans", icon: LoansIcon, covers: ["loans"] },
  { view: "audit", icon: AuditIcon, covers: ["audit", "report"] },
];

type Props = {
  view: View;
  account: Account;
  onLock: () => void;
  onShowKeys: () => void;
  onSignedOut: () => void;
};

export function Rail({ view, account, onLock, onShowKeys, onSignedOut }: Props) {
  const { t } = useTranslation();
  return (
    <nav className="rail" aria-label={t("nav.label")}>
      <Mark />
      <ul className="rail-views">
        {ENTRIES.filter((entry) => maySee(account, entry.view)).map((entry) => (
          <li key={entry.view}>
            <RailLink view={entry.view} icon={entry.icon} isCurrent={entry.covers.includes(view)} />
          </li>
        ))}
      </ul>
      <div className="rail-tools">
        <LanguageSwitch />
        <ThemeSwitch />
        <Button className="rail-button" aria-label={t("menu.keys")} onPress={onShowKeys} data-testid="show-keys">
          <KeysIcon />
        </Button>
        <a
          className="rail-button"
          href={hrefOf("account")}
          aria-label={`${t("account.title")} (${account.display_name})`}
          aria-current={view === "account" ? "page" : undefined}
          data-testid="nav-account"
        >
          <AccountIcon />
        </a>
        <Button className="rail-button" aria-label={t("lock.now")} onPress={onLock} data-testid="lock-now">
          <LockIcon />
        </Button>
        <SignOut account={account} onSignedOut={onSignedOut} />
      </div>
    </nav>
  );
}

type LinkProps = { view: NamedView; icon: ComponentType; isCurrent: boolean };

function RailLink({ view, icon: Icon, isCurrent }: LinkProps) {
  const { t } = useTranslation();
  const fresh = useQuery(overviewQuery).data?.alerts.new ?? 0;
  return (
    <a
      className="rail-link"
      href={hrefOf(view)}
      aria-current={isCurrent ? "page" : undefined}
      data-testid={`nav-${view}`}
    >
      <Icon />
      <span>{t(`nav.${view}`)}</span>
      {view === "alerts" && fresh > 0 ? <span className="rail-count">{fresh > 99 ? "99+" : fresh}</span> : null}
    </a>
  );
}

function SignOut({ account, onSignedOut }: { account: Account; onSignedOut: () => void }) {
  const { t } = useTranslation();
  const leave = async () => {
    await signOut().catch(() => undefined); // the page forgets the session even when the server is away
    onSignedOut();
  };
  return (
    <Button
      className="rail-button"
      aria-label={`${t("menu.signOut")} (${account.display_name})`}
      data-testid="sign-out"
      onPress={() => void leave()}
    >
      <SignOutIcon />
    </Button>
  );
}
