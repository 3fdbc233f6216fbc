import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { endSessionOf } from "../../api/identity";
import type { PersonDetail } from "../../api/identityTypes";
import { Panel } from "../../ui/Panel";
import { SessionList } from "./SessionList";
import type { PersonAct } from "./usePersonAct";

type Props = { person: PersonDetail; act: PersonAct };

export function PersonSessions({ person, act }: Props) {
  const { t } = useTranslation();
  const others = person.sessions.filter(({ current }) => !current);
  const end = (id: string) =>
    act({
      question: { title: t("session.endTitle"), body: t("session.endBody"), action: t("session.end") },
      run: () => endSessionOf(id),
      done: t("session.ended"),
    });
  const endAll = () =>
    act({
      question: {
        title: t("session.endAllTitle", { name: person.display_name }),
        body: t("session.endBody"),
        action: t("session.endAll"),
      },
      run: () => Promise.all(others.map(({ id }) => endSessionOf(id))),
      done: t("session.endedAll"),
    });
  return (
    <Panel
      title={t("person.sessions")}
      testId="person-sessions"
      tools={
        others.length > 1 ? (
          <Button className="button button-small" onPress={endAll} data-testid="end-all-sessions">
            {t("session.endAll")}
          </Button>
        ) : null
      }
    >
      <SessionList sessions={person.sessions} onEnd={end} />
    </Panel>
  );
}
