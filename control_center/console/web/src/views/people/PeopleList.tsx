import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { Person } from "../../api/identityTypes";
import type { Page } from "../../api/types";
import { hrefOf } from "../../shell/routing";
import { PersonStateMark, RoleName } from "../../ui/badges";
import { MorePages } from "../../ui/MorePages";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states";
import { useRowKeys } from "../../ui/useRowKeys";

type Props = {
  query: UseInfiniteQueryResult<InfiniteData<Page<Person>>>;
  openId: string | null;
  onClear: () => void;
};

export function PeopleList({ query, openId, onClear }: Props) {
  const { t } = useTranslation();
  const list = useRowKeys<HTMLUListElement>();
  if (query.isPending) return <Skeleton rows={9} className="skeleton-list" />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const people = query.data.pages.flatMap((page) => page.items);
  if (people.length === 0) {
    return (
      <EmptyState
        title={t("person.noneTitle")}
        action={
          <Button className="button" onPress={onClear}>
            {t("person.showAll")}
          </Button>
        }
      >
        {t("person.noneBody")}
      </EmptyState>
    );
  }
  return (
    <div className="rows-scroll" data-stale={query.isPlaceholderData} aria-busy={query.isPlaceholderData}>
      <ul ref={list} data-testid="people-list">
        {people.map((person) => (
          <PersonRow key={person.id} person={person} isOpen={person.id === openId} />
        ))}
      </ul>
      <MorePages query={query} />
    </div>
  );
}

function PersonRow({ person, isOpen }: { person: Person; isOpen: boolean }) {
  const { t } = useTranslation();
  return (
    <li>
      <a
        className="row row-link"
        href={hrefOf("people", person.id)}
        aria-current={isOpen ? "true" : undefined}
        data-row
        data-state={person.state}
        data-testid="person-row"
      >
        <span className="row-top">
          <b className="row-subject">{person.display_name}</b>
          <span className="quiet" translate="no">
            {person.username}
          </span>
        </span>
        <span className="row-middle">
          {person.roles.length === 0 ? t("account.noRoles") : null}
          {person.roles.map((held, i) => (
            <span key={held.id}>
              {i > 0 ? ", " : ""}
              <RoleName role={held.role} />
            </span>
          ))}
        </span>
        <span className="row-bottom">
          <PersonStateMark state={person.state} />
          <span className="row-place">{person.center_name}</span>
        </span>
      </a>
    </li>
  );
}
