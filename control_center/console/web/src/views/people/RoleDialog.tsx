import { type SyntheticEvent, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { giveRole } from "../../api/identity";
import type { Person } from "../../api/identityTypes";
import { term } from "../../i18n";
import { Sheet } from "../../ui/Sheet";
import { RoleFields, type Wanted } from "./RoleFields";
import type { PersonAct } from "./usePersonAct";

type Props = { person: Person; isOpen: boolean; onClose: () => void; act: PersonAct };

export function RoleDialog({ person, isOpen, onClose, act }: Props) {
  const { t } = useTranslation();
  return (
    <Sheet isOpen={isOpen} title={t("person.addRoleTo", { name: person.display_name })} onClose={onClose} testId="role-dialog">
      <RoleForm person={person} onDone={onClose} act={act} />
    </Sheet>
  );
}

function RoleForm({ person, onDone, act }: { person: Person; onDone: () => void; act: PersonAct }) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState<Wanted>({ role: null, center: person.center_id });
  const { role, center } = wanted;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (role === null || center === null) return;
    act({
      run: () => giveRole(person.id, role, center),
      done: t("person.given", { role: term("role", role) }),
    });
    onDone();
  };
  return (
    <form onSubmit={submit}>
      <RoleFields wanted={wanted} onChange={setWanted} />
      <div className="dialog-buttons">
        <Button className="button" onPress={onDone}>
          {t("act.cancel")}
        </Button>
        <Button
          className="button button-primary"
          type="submit"
          isDisabled={role === null || center === null}
          data-testid="role-confirm"
        >
          {t("person.addRole")}
        </Button>
      </div>
    </form>
  );
}
