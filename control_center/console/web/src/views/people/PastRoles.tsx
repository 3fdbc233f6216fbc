import { useTranslation } from "react-i18next";
import type { PastRole } from "../../api/identityTypes";
import { RoleName } from "../../ui/badges";
import { Panel } from "../../ui/Panel";
import { Time } from "../../ui/Time";

/** Roles taken back, and loans that are over. */
export function PastRoles({ roles }: { roles: PastRole[] }) {
  const { t } = useTranslation();
  if (roles.length === 0) return null;
  return (
    <Panel title={t("person.pastRoles")}>
      <ul className="lines">
        {roles.map((role) => (
          <li key={role.id} className="line line-past">
            <div className="line-main">
              <RoleName role={role.role} />
              <span>{role.center_name}</span>
            </div>
            <div className="line-note">
              {t("person.givenBy", { name: role.granted_by })} <Time us={role.granted_us} isBrief />
              {" · "}
              <Ending role={role} />
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Ending({ role: { revoked_us, revoked_by, until_us } }: { role: PastRole }) {
  const { t } = useTranslation();
  if (revoked_us !== null) {
    return (
      <>
        {t("person.takenBy", { name: revoked_by ?? "" })} <Time us={revoked_us} isBrief />
      </>
    );
  }
  return until_us === null ? null : (
    <>
      {t("person.ran")} <Time us={until_us} isBrief />
    </>
  );
}
