import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { disable, enable } from "../../api/identity";
import type { PersonDetail } from "../../api/identityTypes";
import { PersonStateMark } from "../../ui/badges";
import { CloseIcon } from "../../ui/icons";
import { Time } from "../../ui/Time";
import { EditPersonDialog } from "./EditPersonDialog";
import type { PersonAct } from "./usePersonAct";

type Props = {
  person: PersonDetail;
  etag: string | null;
  isSelf: boolean;
  act: PersonAct;
  isPending: boolean;
  onBack: () => void;
};

export function PersonHead({ person, etag, isSelf, act, isPending, onBack }: Props) {
  const { t } = useTranslation();
  const [isEditing, setEditing] = useState(false);
  return (
    <header className="detail-head">
      <div className="detail-title">
        <h2>{person.display_name}</h2>
        <span className="detail-kind quiet" translate="no">
          {person.username}
        </span>
        <PersonStateMark state={person.state} />
        <div className="detail-tools">
          <Button className="button button-small" onPress={() => setEditing(true)} data-testid="edit-person">
            {t("person.edit")}
          </Button>
          {isSelf ? null : <UseSwitch person={person} act={act} isPending={isPending} />}
        </div>
        <Button className="icon-button" aria-label={t("detail.back")} onPress={onBack}>
          <CloseIcon />
        </Button>
      </div>
      <dl className="facts">
        <div>
          <dt>{t("detail.center")}</dt>
          <dd>{person.center_name}</dd>
        </div>
        <div>
          <dt>{t("person.created")}</dt>
          <dd>
            <Time us={person.created_us} />
          </dd>
        </div>
      </dl>
      <EditPersonDialog person={person} etag={etag} isOpen={isEditing} onClose={() => setEditing(false)} />
    </header>
  );
}

function UseSwitch({ person, act, isPending }: { person: PersonDetail; act: PersonAct; isPending: boolean }) {
  const { t } = useTranslation();
  const name = person.display_name;
  const on = { run: () => enable(person.id), done: t("person.enabled", { name }) };
  const off = {
    question: { title: t("person.disableTitle", { name }), body: t("person.disableBody"), action: t("person.disable") },
    run: () => disable(person.id),
    done: t("person.disabledDone", { name }),
    undo: { label: t("common.undo"), ...on },
  };
  return person.state === "disabled" ? (
    <Button
      className="button button-small button-primary"
      isDisabled={isPending}
      onPress={() => act(on)}
      data-testid="enable-person"
    >
      {t("person.enable")}
    </Button>
  ) : (
    <Button
      className="button button-small button-grave"
      isDisabled={isPending}
      onPress={() => act(off)}
      data-testid="disable-person"
    >
      {t("person.disable")}
    </Button>
  );
}
