import { useQuery } from "@tanstack/react-query";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { useTranslation } from "react-i18next";
import { sessionQuery } from "./api/queries";
import type { Account } from "./api/types";
import { Console } from "./Console";
import { LOCALE, language } from "./i18n";
import { isLockedHere } from "./shell/lock";
import { useTheme } from "./shell/switches";
import { useIdleLock } from "./shell/useIdleLock";
import { useLockEffects } from "./shell/useLockEffects";
import { ErrorState, Skeleton } from "./ui/states";
import { LockScreen } from "./views/lock/LockScreen";
import { MustEnrol } from "./views/signin/MustEnrol";
import { NewPassword } from "./views/signin/NewPassword";
import { SignIn } from "./views/signin/SignIn";

export function App() {
  useTranslation(); // all below is drawn anew in another language
  useTheme();
  return (
    <I18nProvider locale={LOCALE[language()]}>
      <Door />
    </I18nProvider>
  );
}

/** Who is signed in decides what is shown. */
function Door() {
  const session = useQuery(sessionQuery);
  if (session.data) return <Inside account={session.data} />;
  if (session.isPending) return <Skeleton rows={3} className="skeleton-page" />;
  if (session.isError) return <ErrorState error={session.error} onRetry={() => void session.refetch()} />;
  return <SignIn />;
}

function Inside({ account }: { account: Account }) {
  const isLocked = isLockedHere(account);
  useIdleLock(account, !isLocked);
  useLockEffects(account, isLocked);
  if (account.must_change_password || account.must_enrol_second_factor) {
    return (
      <>
        {account.must_change_password ? <NewPassword account={account} /> : <MustEnrol />}
        <LockScreen account={account} isOpen={isLocked} isOverWall={false} />
      </>
    );
  }
  return <Console account={account} isLocked={isLocked} />;
}
