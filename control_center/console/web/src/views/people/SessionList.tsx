import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { SessionRow } from "../../api/identityTypes";
import { Time } from "../../ui/Time";
import { browserOf } from "./browser";

type Props = { sessions: SessionRow[]; onEnd: (id: string) => void };

/** The open sessions of one account. */
export function SessionList({ sessions, onEnd }: Props) {
  const { t } = useTranslation();
  if (sessions.length === 0) return <p className="panel-text">{t("session.none")}</p>;
  return (
    <ul className="lines" data-testid="session-list">
      {sessions.map((session) => (
        <li key={session.id} className="line" data-testid="session-line">
          <div className="line-main">
            <b title={session.agent}>{browserOf(session.agent) || t("session.unknownBrowser")}</b>
            <span className="quiet" translate="no">
              {session.address}
            </span>
            {session.current ? <span className="chip chip-accent">{t("session.this")}</span> : null}
            {session.locked ? <span className="chip">{t("session.locked")}</span> : null}
          </div>
          <div className="line-note">
            {t("session.since")} <Time us={session.created_us} isBrief /> · {t("session.active")}{" "}
            <Time us={session.active_us} isBrief />
          </div>
          {session.current ? null : (
            <Button className="button button-small line-tool" onPress={() => onEnd(session.id)} data-testid="end-session">
              {t("session.end")}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}
