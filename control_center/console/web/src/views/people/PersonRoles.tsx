import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { takeRole } from "../../api/identity";
import type { PersonDetail, RoleRow } from "../../api/identityTypes";
import { term } from "../../i18n";
import { RoleName } from "../../ui/badges";
import { PlusIcon } from "../../ui/icons";
import { Panel } from "../../ui/Panel";
import { Time } from "../../ui/Time";
import { RoleDialog } from "./RoleDialog";
import type { PersonAct } from "./usePersonAct";

type Props = { person: PersonDetail; isSelf: boolean; act: PersonAct };

export function PersonRoles({ person, isSelf, act }: Props) {
  const { t } = useTranslation();
  const [isAdding, setAdding] = useState(false);
  const take = (held: RoleRow) =>
    act({
      question: {
        title: t("person.takeTitle", { role: term("role", held.role) }),
        body: t("person.takeBody", { name: person.display_name, center: held.center_name }),
        action: t("person.take"),
      },
      run: () => takeRole(person.id, held.id),
      done: t("person.taken", { role: term("role", held.role) }),
    });
  return (
    <Panel
      title={t("person.roles")}
      testId="person-roles"
      tools={
        isSelf ? null : (
          <Button className="button button-small" onPress={() => setAdding(true)} data-testid="add-role">
            <PlusIcon />
            {t("person.addRole")}
          </Button>
        )
      }
    >
      {person.roles.length === 0 ? <p className="panel-text">{t("person.noRoles")}</p> : null}
      <ul className="lines">
        {person.roles.map((held) => (
          <li key={held.id} className="line" data-testid="role-line">
            <div className="line-main">
              <RoleName role={held.role} />
              <span>{held.center_name}</span>
              {held.until_us === null ? null : <span className="chip chip-accent">{t("person.lent")}</span>}
            </div>
            <div className="line-note">
              {t("person.givenBy", { name: held.granted_by })} <Time us={held.granted_us} isBrief />
              {held.until_us === null ? null : (
                <>
                  {" · "}
                  {t("account.loanUntil")} <Time us={held.until_us} isBrief />
                  {held.reason ? ` · ${held.reason}` : ""}
                </>
              )}
            </div>
            {isSelf ? null : (
              <Button className="button button-small line-tool" onPress={() => take(held)} data-testid="take-role">
                {t("person.take")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <RoleDialog person={person} isOpen={isAdding} onClose={() => setAdding(false)} act={act} />
    </Panel>
  );
}
