import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { personQuery } from "../../api/identity";
import type { PersonDetail } from "../../api/identityTypes";
import type { Account } from "../../api/types";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states";
import { PastRoles } from "./PastRoles";
import { PersonHead } from "./PersonHead";
import { PersonRoles } from "./PersonRoles";
import { PersonSessions } from "./PersonSessions";
import { PersonSignIn } from "./PersonSignIn";
import { PersonTokens } from "./PersonTokens";
import { usePersonAct } from "./usePersonAct";

export function PersonPane({ id, account, onBack }: { id: string; account: Account; onBack: () => void }) {
  const { t } = useTranslation();
  const query = useQuery(personQuery(id));
  if (query.isPending) return <Skeleton rows={5} className="skeleton-page" />;
  if (query.data) {
    return (
      <Loaded person={query.data.data} etag={query.data.etag} isSelf={account.id === id} onBack={onBack} />
    );
  }
  if (query.error instanceof ApiError && query.error.status === 404) {
    return <EmptyState title={t("person.missingTitle")}>{t("person.missingBody")}</EmptyState>;
  }
  return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
}

type Props = { person: PersonDetail; etag: string | null; isSelf: boolean; onBack: () => void };

function Loaded({ person, etag, isSelf, onBack }: Props) {
  const { t } = useTranslation();
  const { act, isPending } = usePersonAct(person);
  return (
    <article className="detail" data-testid="person-detail" data-person-id={person.id} data-state={person.state}>
      <div className="detail-scroll">
        <PersonHead person={person} etag={etag} isSelf={isSelf} act={act} isPending={isPending} onBack={onBack} />
        {isSelf ? <p className="notice">{t("person.self")}</p> : null}
        <div className="account-columns">
          <div>
            <PersonRoles person={person} isSelf={isSelf} act={act} />
            <PastRoles roles={person.past_roles} />
          </div>
          <div>
            <PersonSignIn person={person} isSelf={isSelf} act={act} />
            <PersonSessions person={person} act={act} />
            <PersonTokens person={person} act={act} />
          </div>
        </div>
      </div>
    </article>
  );
}
