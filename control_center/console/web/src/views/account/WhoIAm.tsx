import { useTranslation } from "react-i18next";
import type { Account } from "../../api/types";
import { RoleName } from "../../ui/badges";
import { Panel } from "../../ui/Panel";
import { Time } from "../../ui/Time";

export function WhoIAm({ account }: { account: Account }) {
  const { t } = useTranslation();
  return (
    <Panel title={account.display_name} note={account.username} testId="account-who">
      <ul className="held-roles">
        {account.roles.map((held) => (
          <li key={`${held.role}-${held.center_id}-${held.until_us}`}>
            <RoleName role={held.role} />
            <span className="quiet">{held.center_name}</span>
            {held.until_us === null ? null : (
              <span className="held-until">
                {t("account.loanUntil")} <Time us={held.until_us} />
              </span>
            )}
          </li>
        ))}
        {account.roles.length === 0 ? <li className="quiet">{t("account.noRoles")}</li> : null}
      </ul>
      <p className="panel-foot">
        {t("account.signedInUntil")} <Time us={account.expires_us} />
      </p>
    </Panel>
  );
}
