import { useQuery } from "@tanstack/react-query";
import type { ComponentType } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { overviewQuery, signOut } from "../api/queries";
import type { Account } from "../api/types";
import { AlertsIcon, BoardIcon, KeysIcon, LiveIcon, Mark, SignOutIcon } from "../ui/icons";
import { hrefOf, VIEWS, type View } from "./routing";
import { LanguageSwitch, ThemeSwitch } from "./switches";

const ICONS: Record<View, ComponentType> = { alerts: AlertsIcon, live: LiveIcon, board: BoardIcon };

type Props = { view: View; account: Account; onShowKeys: () => void; onSignedOut: () => void };

export function Rail({ view, account, onShowKeys, onSignedOut }: Props) {
  const { t } = useTranslation();
  return (
    <nav className="rail" aria-label={t("nav.label")}>
      <Mark />
      <ul className="rail-views">
        {VIEWS.map((name) => (
          <li key={name}>
            <RailLink view={name} isCurrent={name === view} />
          </li>
        ))}
      </ul>
      <div className="rail-tools">
        <LanguageSwitch />
        <ThemeSwitch />
        <Button className="rail-button" aria-label={t("menu.keys")} onPress={onShowKeys} data-testid="show-keys">
          <KeysIcon />
        </Button>
        <SignOut account={account} onSignedOut={onSignedOut} />
      </div>
    </nav>
  );
}

function RailLink({ view, isCurrent }: { view: View; isCurrent: boolean }) {
  const { t } = useTranslation();
  const Icon = ICONS[view];
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
