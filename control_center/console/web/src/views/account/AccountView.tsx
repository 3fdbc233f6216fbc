import { useTranslation } from "react-i18next";
import type { Account } from "../../api/types";
import { ChangePassword } from "./ChangePassword";
import { OwnSessions } from "./OwnSessions";
import { OwnTokens } from "./OwnTokens";
import { SecondFactor } from "./SecondFactor";
import { WhoIAm } from "./WhoIAm";

/** What concerns the one who is signed in. */
export function AccountView({ account }: { account: Account }) {
  const { t } = useTranslation();
  return (
    <div className="page" data-testid="account-view">
      <header className="page-head">
        <h1>{t("account.title")}</h1>
      </header>
      <div className="page-scroll">
        <div className="account-columns">
          <div>
            <WhoIAm account={account} />
            <SecondFactor account={account} />
            {account.method === "password" ? <ChangePassword account={account} /> : null}
          </div>
          <div>
            <OwnSessions />
            <OwnTokens account={account} />
          </div>
        </div>
      </div>
    </div>
  );
}
