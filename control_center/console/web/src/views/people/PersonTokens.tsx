import { useTranslation } from "react-i18next";
import { revokeToken } from "../../api/identity";
import type { PersonDetail, TokenRow } from "../../api/identityTypes";
import { Panel } from "../../ui/Panel";
import { TokenList } from "./TokenList";
import type { PersonAct } from "./usePersonAct";

export function PersonTokens({ person, act }: { person: PersonDetail; act: PersonAct }) {
  const { t } = useTranslation();
  if (person.tokens.length === 0) return null;
  const revoke = (token: TokenRow) =>
    act({
      question: {
        title: t("token.revokeTitle", { name: token.name }),
        body: t("token.revokeBody"),
        action: t("token.revoke"),
      },
      run: () => revokeToken(person.id, token.id),
      done: t("token.revoked", { name: token.name }),
    });
  return (
    <Panel title={t("token.title")} testId="person-tokens">
      <TokenList tokens={person.tokens} onRevoke={revoke} />
    </Panel>
  );
}
